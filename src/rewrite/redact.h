/* SPDX-License-Identifier: MIT */
/* Which octets of which frames are secrets, and what stands in their place. */
#ifndef KRBWHY_REWRITE_REDACT_H
#define KRBWHY_REWRITE_REDACT_H

#include "packet/packet.h"
#include "rewrite/scan.h"

struct redactor;

struct redactor *redactor_open(void);

/* Takes one frame, in order; with what packet_decode said of it: `packet` NULL when it was false.
 * False when the bound on what is kept (LIMIT_REDACT_BYTES) is met. */
bool redactor_frame(struct redactor *redactor, const struct frame *frame,
                    const struct packet *packet, const struct packet_pieces *pieces);

/* After the last frame: finds the secrets. False when there is one that cannot be reached (in IP
 * fragments within fragments). */
bool redactor_finish(struct redactor *redactor);

/* Overwrites what is secret in the data of the frame, in ascending order of frames, and mends the
 * checksums in it. `data` has frame_len octets. */
void redactor_apply(struct redactor *redactor, int64_t frame, uint8_t *data, size_t frame_len);
bool redactor_has(struct redactor *redactor, int64_t frame);

const struct scan_counts *redactor_counts(const struct redactor *redactor);

void redactor_close(struct redactor *redactor); /* NULL is fine */

#endif

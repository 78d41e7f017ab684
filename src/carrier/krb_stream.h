/* SPDX-License-Identifier: MIT */
/* Messages behind a 4-byte length (RFC 4120, 7.2.2), as Kerberos and its password service use on
 * TCP: the frame of the carriers krb5 and kpasswd. */
#ifndef KRBWHY_CARRIER_KRB_STREAM_H
#define KRBWHY_CARRIER_KRB_STREAM_H

#include "carrier/carrier.h"

/* What one of the carriers adds. */
struct krb_framed {
    /* True when `first`, the beginning of a message of len bytes (or all of it), may be one;
     * `strict`: only when that is next to certain. */
    bool (*plausible)(struct bytes first, size_t len, bool strict);
    /* Emits a message; source->damaged is set when it is less than whole. */
    void (*message)(struct carriage *carriage, const struct source *source, struct bytes message);
};

/* What struct carrier asks for, by self->framed. A datagram is a message without the length in
 * front. */
enum claim krb_stream_claim(const struct carrier *self, struct bytes first, int side, bool hinted);
void *krb_stream_open(const struct carrier *self, struct carriage *carriage, struct flow *flow);
size_t krb_stream_feed(void *state, struct carriage *carriage, struct flow *flow, int side,
                       const struct segment *segment);
void krb_stream_finish(void *state, struct carriage *carriage, struct flow *flow);
bool krb_stream_stray(const struct carrier *self, struct bytes payload, size_t missing);
bool krb_stream_datagram(const struct carrier *self, struct carriage *carriage,
                         const struct flow *flow, int side, struct bytes payload, size_t missing,
                         bool hinted);

/* True when the bytes begin with a Kerberos message whose outer length makes it end at `len` and
 * whose pvno and msg-type are right; of fewer than some 20 bytes what is there must fit. */
bool krb_message_strict(struct bytes first, size_t len);

#endif

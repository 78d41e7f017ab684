/* SPDX-License-Identifier: MIT */
/* Which inputs have to be read before captures can be judged one by one. */
#ifndef KRBWHY_CLI_STREAM_H
#define KRBWHY_CLI_STREAM_H

#include <stdbool.h>
#include <stdint.h>

/* True for a file that begins as a capture does, or is compressed and has a capture's name: it is
 * no evidence. False for everything else, and for what cannot be looked at (a pipe). */
bool stream_is_capture(const char *path);

/* The time of the first record of a classic pcap file: seconds, then its fraction in the lower
 * half, to put files of one format in order. False for anything else. */
bool stream_first_time(const char *path, uint64_t *out);

#endif

/* SPDX-License-Identifier: MIT */
/* Which inputs have to be read before captures can be judged one by one. */
#ifndef KRBWHY_CLI_STREAM_H
#define KRBWHY_CLI_STREAM_H

#include <stdbool.h>

/* True for a file that begins as a capture does, or is compressed and has a capture's name: it is
 * no evidence. False for everything else, and for what cannot be looked at (a pipe). */
bool stream_is_capture(const char *path);

#endif

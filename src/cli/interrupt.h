/* SPDX-License-Identifier: MIT */
/* SIGINT and SIGTERM while inputs are read: the first one is only noted, so that what was read
 * until then is still reported. At any other time, and the second time, they end the process at
 * once. */
#ifndef KRBWHY_CLI_INTERRUPT_H
#define KRBWHY_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on (true), or no longer (false), the first signal is noted. */
void interrupt_defer(bool on);

/* For a handler: true when it was noted and nothing else is to be done. */
bool interrupt_take(int number);

/* In a worker: every one is noted, and what it inherited is forgotten. `pipe`: a descriptor that is
 * closed then, so that nobody waits for more of it; -1: none. */
void interrupt_in_worker(int pipe);

/* The signal that was noted; 0: none. */
int interrupt_signal(void);

#endif

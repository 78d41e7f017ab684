/* SPDX-License-Identifier: MIT */
/* How far two clocks are apart, from one error. */
#ifndef KRBWHY_CAUSE_CLOCK_H
#define KRBWHY_CAUSE_CLOCK_H

#include "cause/facts.h"

/* Seconds by which the clock in the error (stime) is ahead of the client's: by ctime where the
 * error has one, else by the clock of the capture (*out_by_capture). Absent when the error has no
 * stime. */
struct optint clock_skew_s(const struct facts *facts, bool *out_by_capture);

/* The same, absent also when the capture's clock agrees and the client's is unknown. */
struct optint clock_skew_shown(const struct facts *facts);

#endif

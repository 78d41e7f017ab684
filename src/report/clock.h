/* SPDX-License-Identifier: MIT */
/* What is known of a capture's clock. */
#ifndef KRBWHY_REPORT_CLOCK_H
#define KRBWHY_REPORT_CLOCK_H

#include "report/view.h"

/* Fills has_clock, has_offset, offset_ms, clock_basis, local, zone_s and to_utc_ns. A capture that
 * shares messages with an earlier one of its case is measured against that (basis "same-messages":
 * median of the differences). Otherwise: a file whose times are local time of an unknown zone
 * (Network Monitor before 2.3) gets its offset from the clocks of the machines in it, KRB-ERROR
 * stime or HTTP Date, where one says so; else the basis is "zone-unknown". A zone is a whole number
 * of quarters of an hour; what is left is the difference of two clocks, which may not be more than
 * five minutes. */
void clock_find(struct view_input *capture, int64_t input);

/* A time of that capture in UTC, as far as its zone is known. */
int64_t clock_utc(const struct view_input *capture, int64_t ns);

#endif

/* SPDX-License-Identifier: MIT */
/* Points in time as text, in UTC unless they were shifted before. Needs no locale and no time zone.
 */
#ifndef KRBWHY_REPORT_WHEN_H
#define KRBWHY_REPORT_WHEN_H

#include <stdint.h>

enum { WHEN_TEXT_ROOM = 48 };

/* RFC 3339 with nanoseconds, "2011-10-14T05:10:14.000000000Z", in out[WHEN_TEXT_ROOM], from
 * nanoseconds since 1970. Returns out. */
const char *when_text(int64_t ns, char *out);

/* The same from seconds and nanoseconds (0 to 999999999) since 1970, for times of protocols that a
 * 64-bit count of nanoseconds cannot hold. NULL outside the years 0000 to 9999, which RFC 3339
 * cannot write. digits: of the fraction, 0 to 9. */
const char *when_seconds(int64_t s, int64_t ns, int digits, char *out);

/* The time of day with milliseconds, "05:10:14.000", in out[WHEN_TEXT_ROOM]. Returns out. */
const char *when_clock(int64_t ns, char *out);

/* "+02:00", "-07:00" for seconds east of UTC, in out[WHEN_TEXT_ROOM]. Returns out. */
const char *when_zone(int64_t seconds, char *out);

#endif

/* SPDX-License-Identifier: MIT */
#include "report/when.h"

#include <stdio.h>

enum { DAY = 86400 };
static const int64_t NS = 1000000000;

/* Days since 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from
 * March, so that the leap day is a year's last, within eras of 400 years (146097 days). */
static void civil(int64_t days, int64_t *out_year, int *out_month, int *out_day)
{
    int64_t shifted = days + 719468; /* from 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* from March */

    *out_day = (int)(of_year - (153 * month + 2) / 5 + 1);
    *out_month = (int)(month < 10 ? month + 3 : month - 9);
    *out_year = year + era * 400 + (*out_month <= 2);
}

const char *when_seconds(int64_t s, int64_t ns, int digits, char *out)
{
    static const int64_t first = -62167219200, last = 253402300799; /* years 0000 and 9999 */
    int64_t days, year;
    unsigned second; /* of the day */
    int month, day, i;
    char fraction[11] = "";

    if (s < first || s > last || ns < 0 || ns >= NS)
        return NULL;
    days = (s >= 0 ? s : s - (DAY - 1)) / DAY;
    second = (unsigned)(s - days * DAY) % DAY;
    civil(days, &year, &month, &day);
    if (digits > 0) {
        fraction[0] = '.';
        for (i = 9; i >= 1; i--, ns /= 10)
            fraction[i] = (char)('0' + ns % 10);
        fraction[digits < 9 ? digits + 1 : 10] = '\0';
    }
    snprintf(out, WHEN_TEXT_ROOM, "%04d-%02d-%02dT%02u:%02u:%02u%sZ", (int)year, month, day,
             second / 3600, second / 60 % 60, second % 60, fraction);
    return out;
}

const char *when_text(int64_t ns, char *out)
{
    int64_t s = ns / NS - (ns % NS < 0);

    return when_seconds(s, ns % NS + (ns % NS < 0) * NS, 9, out);
}

const char *when_clock(int64_t ns, char *out)
{
    char room[WHEN_TEXT_ROOM];

    when_text(ns, room);
    snprintf(out, WHEN_TEXT_ROOM, "%.12s", room + 11);
    return out;
}

const char *when_zone(int64_t seconds, char *out)
{
    int64_t minutes = (seconds < 0 ? -seconds : seconds) / 60;

    snprintf(out, WHEN_TEXT_ROOM, "%c%02d:%02d", seconds < 0 ? '-' : '+', (int)(minutes / 60 % 100),
             (int)(minutes % 60));
    return out;
}

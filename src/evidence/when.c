/* SPDX-License-Identifier: MIT */
#include "evidence/when.h"

/* Up to `most` digits; false for none. */
static bool take_number(struct bytes *s, size_t most, int64_t *out)
{
    size_t len = 0;

    *out = 0;
    while (len < s->len && len < most && span_digit(s->at[len]))
        *out = *out * 10 + (s->at[len++] - '0');
    *s = span_from(*s, len);
    return len > 0;
}

static bool take_char(struct bytes *s, const char *any)
{
    if (s->len == 0 || s->at[0] == '\0' || !span_among(s->at[0], any))
        return false;
    *s = span_from(*s, 1);
    return true;
}

/* Days since 1970 of a date of the Gregorian calendar (years from 1 March, eras of 400 years). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date {
    int64_t part[3];
    char mark; /* between the parts */
};

static bool take_date(struct bytes *s, struct date *out)
{
    struct bytes rest = *s;
    size_t i;

    for (i = 0; i < 3; i++) {
        if (!take_number(&rest, 4, &out->part[i]))
            return false;
        if (i == 0 && rest.len > 0)
            out->mark = (char)rest.at[0];
        if (i < 2 &&
            (rest.len == 0 || rest.at[0] != (uint8_t)out->mark || !take_char(&rest, "/.-")))
            return false;
    }
    if (rest.len > 0 && span_digit(rest.at[0]))
        return false;
    if (out->part[0] < 1000 && out->part[2] < 1000)
        return false;
    *s = rest;
    return true;
}

/* "10:10:05 PM", "22.10.05", "06:06:33.640" with or without a zone. */
static bool take_time(struct bytes *s, int64_t *out_seconds, bool *out_pm_known, bool *out_utc)
{
    struct bytes rest = *s, after;
    int64_t hour, minute, second = 0, fraction, zone_hour, zone_minute = 0, shift = 0;

    *out_pm_known = *out_utc = false;
    if (!take_number(&rest, 2, &hour) || !take_char(&rest, ":.") || !take_number(&rest, 2, &minute))
        return false;
    if (take_char(&rest, ":."))
        take_number(&rest, 2, &second);
    if (rest.len > 1 && span_among(rest.at[0], ".,") && span_digit(rest.at[1]) &&
        take_char(&rest, ".,"))
        take_number(&rest, 9, &fraction);
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    after = span_trim(rest);
    if (span_starts_nocase(after, "AM") || span_starts_nocase(after, "PM")) {
        *out_pm_known = true;
        hour = hour % 12 + (span_starts_nocase(after, "PM") ? 12 : 0);
        rest = span_from(after, 2);
    } else if (span_is(span_to(after, 1), "Z") && (after.len == 1 || !span_alnum(after.at[1]))) {
        *out_utc = true;
        rest = span_from(after, 1);
    } else if (rest.len > 4 && (rest.at[0] == '+' || rest.at[0] == '-') && span_digit(rest.at[1])) {
        shift = rest.at[0] == '+' ? -60 : 60;
        rest = span_from(rest, 1);
        take_number(&rest, 2, &zone_hour);
        if (take_char(&rest, ":"))
            take_number(&rest, 2, &zone_minute);
        shift *= zone_hour * 60 + zone_minute;
        *out_utc = true;
    }
    *out_seconds = hour * 3600 + minute * 60 + second + shift;
    *s = rest;
    return true;
}

/* Day and month: by the year in front, by points, by a number over 12, or by AM and PM, which only
 * the American form has. */
static bool date_seconds(const struct date *date, bool american, int64_t *out)
{
    int64_t a = date->part[0], b = date->part[1], year = date->part[2], month, day;

    if (a > 999) {
        year = a;
        month = b;
        day = date->part[2];
    } else if (date->mark == '.' || a > 12) {
        day = a;
        month = b;
    } else if (american || b > 12) {
        month = a;
        day = b;
    } else {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *out = days_of(year, month, day) * 86400;
    return true;
}

/* A date that begins at offset `at` of s; *out_end is where it ends. */
static bool parse_at(struct bytes s, size_t at, struct when *out, size_t *out_end)
{
    struct bytes rest = span_from(s, at), before = span_trim_end(span_to(s, at)), time;
    struct date date = {0};
    int64_t clock = 0, midnight;
    bool american = false, utc = false;

    if (!take_date(&rest, &date))
        return false;
    out->text = span(s.at + at, (size_t)(rest.at - s.at) - at);
    time = span_trim(rest);
    if (time.len > 0 && (time.at[0] == 'T' || time.at[0] == ','))
        time = span_trim(span_from(time, 1));
    out->has_time = take_time(&time, &clock, &american, &utc);
    if (out->has_time) {
        out->text.len = (size_t)(time.at - out->text.at);
        rest = time;
    } else { /* "18:35:19.0000 1/27/2010 Z" */
        struct bytes word = span_last_word(before), copy = word;

        out->has_time = take_time(&copy, &clock, &american, &utc) && copy.len == 0;
        if (out->has_time) {
            utc = span_is(span_to(span_trim(rest), 1), "Z");
            if (utc)
                rest = span_from(span_trim(rest), 1);
            american = american || utc;
            out->text = span(word.at, (size_t)(rest.at - word.at));
        }
    }
    out->utc = utc;
    out->known = date_seconds(&date, american, &midnight);
    out->seconds = out->known ? midnight + clock : 0;
    *out_end = (size_t)(rest.at - s.at);
    return true;
}

/* "/Date(1318543805123)/": milliseconds since 1970, as Windows PowerShell writes JSON. */
static bool find_milliseconds(struct bytes s, struct when *out)
{
    size_t at = span_find(s, "/Date("), len;
    struct bytes number;
    int64_t milliseconds;

    if (at == SIZE_MAX)
        return false;
    number = span_from(s, at + strlen("/Date("));
    len = span_find(number, ")");
    if (len == SIZE_MAX || !span_int(span_to(number, len), &milliseconds))
        return false;
    memset(out, 0, sizeof(*out));
    out->text = span_to(number, len);
    out->known = out->has_time = out->utc = true;
    out->seconds = milliseconds / 1000;
    return true;
}

bool when_find(struct bytes s, struct when *out)
{
    bool found = find_milliseconds(s, out);
    size_t i = 0, end;

    while (i < s.len) {
        struct when one = {0};

        if (span_digit(s.at[i]) && (i == 0 || !span_alnum(s.at[i - 1])) &&
            (i == 0 || !span_among(s.at[i - 1], "./-:")) && parse_at(s, i, &one, &end)) {
            *out = one;
            found = true;
            i = end;
        } else {
            i++;
        }
    }
    return found;
}

bool when_find_time(struct bytes s, struct bytes *out_text, int64_t *out_seconds)
{
    bool american, utc;
    size_t i;

    for (i = 0; i < s.len; i++) {
        struct bytes rest = span_from(s, i);

        if (!span_digit(s.at[i]) || (i > 0 && (span_alnum(s.at[i - 1]) || s.at[i - 1] == ':')) ||
            !take_time(&rest, out_seconds, &american, &utc) ||
            !span_has(span_to(span_from(s, i), (size_t)(rest.at - s.at) - i), ":"))
            continue;
        *out_text = span(s.at + i, (size_t)(rest.at - s.at) - i);
        return true;
    }
    return false;
}

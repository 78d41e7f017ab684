/* SPDX-License-Identifier: MIT */
#include "asn1/der.h"
#include "protocol/http.h"
#include "protocol/http_auth.h"
#include "protocol/http_bytes.h"

struct date {
    unsigned year, month, day, hour, minute, second;
};

static bool parse_month(struct bytes text, unsigned *out)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    for (*out = 0; *out < 12; ++*out)
        if (http_is(text, months[*out])) {
            ++*out;
            return true;
        }
    return false;
}

/* Reads text against a form: d, h, m, s, y digits of a value, b a month's name, ? any octet, and
 * everything else itself. A blank for the first digit is a zero (asctime). */
static bool match(struct bytes text, const char *form, struct date *out)
{
    size_t i, len = strlen(form);

    if (text.len != len)
        return false;
    for (i = 0; i < len; i++) {
        uint8_t c = text.at[i];
        unsigned *value = form[i] == 'd'   ? &out->day
                          : form[i] == 'h' ? &out->hour
                          : form[i] == 'm' ? &out->minute
                          : form[i] == 's' ? &out->second
                          : form[i] == 'y' ? &out->year
                                           : NULL;

        if (form[i] == 'b') {
            if (!parse_month(http_part(text, i, i + 3), &out->month))
                return false;
            i += 2;
        } else if (value != NULL && (http_is_digit(c) || (c == ' ' && form[i] == 'd'))) {
            *value = *value * 10 + (c == ' ' ? 0 : c - (unsigned)'0');
        } else if (form[i] != '?' && c != (uint8_t)form[i]) {
            return false;
        }
    }
    return true;
}

bool http_parse_date(struct bytes text, int64_t *out_s)
{
    size_t comma = http_find(text, ',');
    struct bytes behind = http_trim(http_part(text, size_min(comma + 1, text.len), text.len));
    struct date date = {0};

    text = http_trim(text);
    if (!match(behind, "dd bbb yyyy hh:mm:ss GMT", &date)) { /* IMF-fixdate */
        date = (struct date){0};
        if (match(behind, "dd-bbb-yy hh:mm:ss GMT", &date)) { /* RFC 850 */
            date.year += date.year < 70 ? 2000 : 1900;
        } else {
            date = (struct date){0};
            if (!match(text, "??? bbb dd hh:mm:ss yyyy", &date)) /* asctime */
                return false;
        }
    }
    if (date.day < 1 || date.day > 31 || date.hour > 23 || date.minute > 59 || date.second > 60)
        return false;
    *out_s = der_days(date.year, date.month, date.day) * 86400 + (int64_t)date.hour * 3600 +
             (int64_t)date.minute * 60 + (int64_t)date.second;
    return true;
}

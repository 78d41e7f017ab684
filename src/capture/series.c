/* SPDX-License-Identifier: MIT */
#include "capture/series.h"

#include <string.h>

#include "base/bytes.h"

enum { MOST_DIGITS = 9, TIME_DIGITS = 14 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from `at` on. */
static size_t count_digits(const char *at)
{
    size_t num = 0;

    while (is_digit(at[num]))
        num++;
    return num;
}

static int64_t number_of(const char *at, size_t len)
{
    int64_t value = 0;

    while (len-- > 0)
        value = value * 10 + (*at++ - '0');
    return value;
}

const char *series_plain(const char *path, struct arena *arena)
{
    static const char *const endings[] = {".gz", ".zst", ".lz4", ".xz", ".bz2"};
    size_t i, len = strlen(path);

    for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i]);

        if (len > ending && strcmp(path + len - ending, endings[i]) == 0)
            return arena_print(arena, "%.*s", (int)(len - ending), path);
    }
    return path;
}

/* The end of a capture's name: ".pcap" and what stands behind it; NULL: none. */
static const char *find_ending(const char *name)
{
    static const char *const endings[] = {".pcapng", ".pcap", ".cap", ".dmp", ".dump"};
    size_t i;

    for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        const char *at = NULL, *next = name;

        while ((next = strstr(next, endings[i])) != NULL)
            at = next++;
        if (at != NULL && at > name &&
            count_digits(at + strlen(endings[i])) == strlen(at + strlen(endings[i])))
            return at;
    }
    return NULL;
}

/* ---- dumpcap: "_00001_20260101120000", and with nametimenum "_20260101120000_00001" ---- */

static bool take_dumpcap(struct series_name *out, const char *path, const char *name,
                         struct arena *arena)
{
    const char *at;

    for (at = strchr(name, '_'); at != NULL && at > name; at = strchr(at + 1, '_')) {
        size_t first = count_digits(at + 1), second;
        const char *behind = at + 1 + first;
        bool time_first = first == TIME_DIGITS;

        if (first < 5 || *behind != '_')
            continue;
        second = count_digits(behind + 1);
        if (behind[1 + second] != '.' && behind[1 + second] != '\0')
            continue;
        if (time_first ? second < 5 : second != TIME_DIGITS)
            continue;
        if ((time_first ? second : first) > MOST_DIGITS)
            continue;
        out->number = time_first ? number_of(behind + 1, second) : number_of(at + 1, first);
        out->stem = arena_print(arena, "%.*s_#%s", (int)(at - path), path, behind + 1 + second);
        return true;
    }
    return false;
}

/* ---- tcpdump -C, -W ---- */

static bool take_appended(struct series_name *out, const char *path, const char *name,
                          struct arena *arena)
{
    const char *ending = find_ending(name), *digits;
    size_t len;

    if (ending == NULL)
        return false;
    digits = ending + 1 + strcspn(ending + 1, "0123456789");
    len = strlen(digits);
    if (len == 0 || len > MOST_DIGITS)
        return false;
    out->number = number_of(digits, len);
    out->width = digits[0] == '0' ? len : 0;
    out->stem = arena_print(arena, "%.*s", (int)(digits - path), path);
    return true;
}

/* ---- netsh, Network Monitor ---- */

static bool take_brackets(struct series_name *out, const char *path, const char *name,
                          struct arena *arena)
{
    const char *ending = find_ending(name), *open = ending;
    size_t len;

    /* A browser that saves a file a second time writes "name (1).cap". */
    if (ending == NULL || ending - name < 4 || ending[-1] != ')')
        return false;
    while (open > name && *open != '(')
        open--;
    if (open == name || open[-1] == ' ')
        return false;
    len = count_digits(open + 1);
    if (len == 0 || len > MOST_DIGITS || open + 1 + len != ending - 1)
        return false;
    out->number = number_of(open + 1, len);
    out->stem = arena_print(arena, "%.*s%s", (int)(open - path), path, ending);
    return true;
}

/* ---- tcpdump -G ---- */

/* Two digits from least to most at *at, behind at most one mark of a date; false: none. */
static bool take_pair(const char **at, int least, int most)
{
    const char *next = *at;
    int value;

    if (*next != '\0' && strchr("-_.:T@hm", *next) != NULL)
        next++;
    if (!is_digit(next[0]) || !is_digit(next[1]))
        return false;
    value = (next[0] - '0') * 10 + (next[1] - '0');
    if (value < least || value > most)
        return false;
    *at = next + 2;
    return true;
}

/* A year of this or the last century, month, day, hour, minute, perhaps a second. */
static const char *end_of_time(const char *at)
{
    if (count_digits(at) < 4 || (memcmp(at, "19", 2) != 0 && memcmp(at, "20", 2) != 0))
        return NULL;
    at += 4;
    if (!take_pair(&at, 1, 12) || !take_pair(&at, 1, 31) || !take_pair(&at, 0, 23) ||
        !take_pair(&at, 0, 59))
        return NULL;
    (void)take_pair(&at, 0, 60);
    return is_digit(*at) ? NULL : at;
}

/* %s of strftime(3): seconds since 1970, ten digits. */
static const char *end_of_seconds(const char *at)
{
    return count_digits(at) == 10 && *at == '1' ? at + 10 : NULL;
}

static bool take_times(struct series_name *out, const char *path, const char *name,
                       struct arena *arena)
{
    const char *at, *end = NULL, *digit;

    for (at = name; *at != '\0' && end == NULL; at++)
        if (at == name || !is_digit(at[-1])) {
            end = end_of_time(at);
            if (end == NULL)
                end = end_of_seconds(at);
            if (end != NULL)
                break;
        }
    if (end == NULL || end - at > 24)
        return false;
    for (digit = at; digit < end; digit++)
        if (is_digit(*digit))
            out->number = out->number * 10 + (*digit - '0');
    out->stem = arena_print(arena, "%.*s#%s", (int)(at - path), path, end);
    return true;
}

struct series_name series_parse(const char *path, struct arena *arena)
{
    static const struct {
        enum series_style style;
        bool (*take)(struct series_name *, const char *, const char *, struct arena *);
    } styles[] = {{SERIES_DUMPCAP, take_dumpcap},
                  {SERIES_BRACKETS, take_brackets},
                  {SERIES_APPENDED, take_appended},
                  {SERIES_TIMES, take_times}};
    const char *plain = series_plain(path, arena), *slash = strrchr(plain, '/');
    size_t i;

    for (i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
        struct series_name out = {.style = styles[i].style};

        if (styles[i].take(&out, plain, slash == NULL ? plain : slash + 1, arena))
            return out;
    }
    return (struct series_name){.style = SERIES_NONE};
}

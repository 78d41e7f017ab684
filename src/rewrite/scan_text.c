/* SPDX-License-Identifier: MIT */
/* Secrets in text: header lines and base64 (RFC 4648 section 4). */
#include "base/base64.h"
#include "base/limits.h"
#include "base/memory.h"
#include "rewrite/scan.h"

enum { SHORTEST_RUN = 24 /* base64 characters that are looked into */ };

enum header { HEADER_COOKIE, HEADER_SET_COOKIE, HEADER_CREDENTIALS, HEADER_CHALLENGE };

static const struct {
    const char *name;
    enum header header;
} headers[] = {
    {"cookie:", HEADER_COOKIE},
    {"set-cookie:", HEADER_SET_COOKIE},
    {"authorization:", HEADER_CREDENTIALS},
    {"proxy-authorization:", HEADER_CREDENTIALS},
    {"www-authenticate:", HEADER_CHALLENGE},
    {"proxy-authenticate:", HEADER_CHALLENGE},
    {"authentication-info:", HEADER_CHALLENGE},
    {"proxy-authentication-info:", HEADER_CHALLENGE},
};

/* Schemes whose token is looked into; of all others the credentials are overwritten. */
static const char *const token_schemes[] = {"negotiate", "kerberos", "ntlm"};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Whether `word` (lower case) stands at `at`. */
static bool has_word(const struct scan *scan, size_t at, size_t end, const char *word)
{
    for (; *word != '\0'; word++, at++)
        if (at >= end || (scan->at[at] >= 'A' && scan->at[at] <= 'Z' ? scan->at[at] + 32
                                                                     : scan->at[at]) != *word)
            return false;
    return true;
}

/* ---- base64 ---- */

/* Where the characters of one base64 text stand: a line may be folded. */
struct run {
    size_t *at;
    size_t num, room;
};

static void add(struct run *run, size_t at)
{
    if (run->num == run->room) {
        run->room = run->room == 0 ? 4096 : run->room * 2;
        run->at = memory_grow(run->at, run->room, sizeof(*run->at));
    }
    run->at[run->num++] = at;
}

static void put_back(const struct scan *scan, const struct run *run, const uint8_t *raw,
                     const uint8_t *old, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i, k;

    for (i = 0; i < run->num; i += 4) {
        size_t from = i / 4 * 3, num = size_min(3, len - from);
        uint32_t bits;

        if (from >= len || memcmp(raw + from, old + from, num) == 0)
            continue;
        bits = (uint32_t)raw[from] << 16 | (num > 1 ? (uint32_t)raw[from + 1] << 8 : 0) |
               (num > 2 ? raw[from + 2] : 0u);
        for (k = 0; k <= num; k++)
            scan->at[run->at[i + k]] = (uint8_t)alphabet[bits >> (18 - 6 * k) & 63];
    }
}

/* Decodes, scans, encodes again. Returns how many secrets were in it. */
static int64_t scan_decoded(const struct scan *scan, const struct run *run)
{
    size_t len = run->num / 4 * 3 + (run->num % 4 > 1 ? run->num % 4 - 1 : 0), i, k = 0;
    uint8_t *raw = memory_take(len + 1, 1), *old = memory_take(len + 1, 1);
    struct scan inner = {.at = raw, .len = len, .counts = scan->counts};
    uint32_t bits = 0;
    int64_t found;

    for (i = 0; i < run->num; i++) {
        bits = bits << 6 | (uint32_t)base64_value(scan->at[run->at[i]]);
        if (i % 4 != 0 && k < len)
            raw[k++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    memcpy(old, raw, len);
    found = scan_binary(&inner);
    if (found > 0)
        put_back(scan, run, raw, old, len);
    memory_drop(raw);
    memory_drop(old);
    return found;
}

/* Whether the character at `at` may continue something that was not captured. */
static bool is_headless(const struct scan *scan, size_t at)
{
    size_t i;

    if (at == scan->start)
        return scan->headless;
    i = scan_find_hole(scan, at - 1);
    return i < scan->num_holes && scan->holes[i].to == at;
}

/* in_header: where a token belongs, so that the end of one that was cut is known to be it. */
static void scan_base64(const struct scan *scan, const struct run *run, bool in_header)
{
    struct run rest = *run;
    size_t i;

    if (run->num < SHORTEST_RUN) {
        if (run->num == 0 || !in_header || !is_headless(scan, run->at[0]))
            return;
        for (i = 0; i < run->num; i++)
            scan->at[run->at[i]] = 'A';
        scan->counts->zeroed++;
        return;
    }
    if (!is_headless(scan, run->at[0])) {
        (void)scan_decoded(scan, run);
        return;
    }
    /* Its beginning is missing: what it is cannot be told, nor where its groups begin. */
    for (i = 0; i < 4; i++, rest.at++, rest.num--)
        if (scan_decoded(scan, &rest) > 0)
            break;
    for (i = 0; i < (size_t)(rest.at - run->at) || (rest.num + 4 == run->num && i < run->num); i++)
        scan->at[run->at[i]] = 'A';
    scan->counts->zeroed += i > 0;
}

/* The base64 text at `at`; with `folded` over blanks up to `end`. Returns where it ends. */
static size_t take_base64(const struct scan *scan, size_t at, size_t end, bool folded)
{
    struct run run = {NULL, 0, 0};

    for (; at < end; at++) {
        if (base64_value(scan->at[at]) >= 0)
            add(&run, at);
        else if (!folded || !is_blank(scan->at[at]))
            break;
    }
    scan_base64(scan, &run, folded);
    memory_drop(run.at);
    return at;
}

/* ---- header lines ---- */

/* The end of a header's value: a line end that no blank follows (RFC 9112 section 5.2). */
static size_t find_value_end(const struct scan *scan, size_t at)
{
    size_t usual = at + size_min(scan->len - at, LIMIT_HTTP_HEADER_BYTES);

    for (; at < scan->len; at++) {
        if (scan->at[at] == '\n' &&
            (at + 1 == scan->len || (scan->at[at + 1] != ' ' && scan->at[at + 1] != '\t')))
            break;
        /* So long a line goes on as long as it is text. */
        if (at >= usual && scan->at[at] < ' ' && !is_blank(scan->at[at]))
            break;
    }
    return at;
}

static void cross_out(const struct scan *scan, size_t at, size_t end)
{
    bool any = false;

    for (; at < end; at++)
        if (!is_blank(scan->at[at]) && scan->at[at] != '=') {
            scan->at[at] = 'x';
            any = true;
        }
    scan->counts->headers += any;
}

/* name=value; name=value. Of Set-Cookie only the first pair is the cookie. */
static void cross_out_cookies(const struct scan *scan, size_t at, size_t end, bool only_first)
{
    while (at < end) {
        size_t stop = at, value;

        while (stop < end && scan->at[stop] != ';')
            stop++;
        for (value = at; value < stop && scan->at[value] != '='; value++)
            ;
        cross_out(scan, value < stop ? value + 1 : at, stop);
        if (only_first)
            return;
        at = stop + 1;
    }
}

static void scan_credentials(const struct scan *scan, size_t at, size_t end)
{
    size_t i;

    while (at < end && is_blank(scan->at[at]))
        at++;
    for (i = 0; i < sizeof(token_schemes) / sizeof(token_schemes[0]); i++)
        if (has_word(scan, at, end, token_schemes[i])) {
            /* Again behind each hole in it. */
            for (at += strlen(token_schemes[i]); at < end; at++)
                at = take_base64(scan, at, end, true);
            return;
        }
    while (at < end && !is_blank(scan->at[at])) /* the scheme stays */
        at++;
    cross_out(scan, at, end);
}

/* A list of schemes, each with a token or with parameters. */
static void scan_challenges(const struct scan *scan, size_t at, size_t end)
{
    size_t i, next;

    while (at < end) {
        next = at > 0 && is_headless(scan, at) ? take_base64(scan, at, end, true) : at;
        next = next > at ? next : at + 1;
        for (i = 0; i < sizeof(token_schemes) / sizeof(token_schemes[0]); i++)
            if (has_word(scan, at, end, token_schemes[i]))
                next = take_base64(scan, at + strlen(token_schemes[i]), end, true);
        at = next;
    }
}

/* The header line at `at`, if it is one of the table. Returns where it ends, or `at`. */
static size_t take_header(const struct scan *scan, size_t at)
{
    size_t i, from, end;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (!has_word(scan, at, scan->len, headers[i].name))
            continue;
        from = at + strlen(headers[i].name);
        end = find_value_end(scan, from);
        if (headers[i].header == HEADER_CREDENTIALS)
            scan_credentials(scan, from, end);
        else if (headers[i].header == HEADER_CHALLENGE)
            scan_challenges(scan, from, end);
        else
            cross_out_cookies(scan, from, end, headers[i].header == HEADER_SET_COOKIE);
        return end;
    }
    return at;
}

void scan_text(struct scan *scan)
{
    size_t at = scan->start, hole = 0;

    while (at < scan_stop(scan)) {
        size_t end = at;

        while (hole < scan->num_holes && scan->holes[hole].to < at)
            hole++;
        /* The end of the line before it may not have been captured. */
        if (at == 0 || scan->at[at - 1] == '\n' ||
            (hole < scan->num_holes && scan->holes[hole].to == at))
            end = take_header(scan, at);
        if (end == at && base64_value(scan->at[at]) >= 0) {
            for (end = at; end < scan->len && base64_value(scan->at[end]) >= 0; end++)
                ;
            if (end - at >= SHORTEST_RUN)
                (void)take_base64(scan, at, end, false);
        }
        scan_reach(scan, end);
        at = end > at ? end : at + 1;
    }
}

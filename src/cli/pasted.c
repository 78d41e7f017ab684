/* SPDX-License-Identifier: MIT */
#include "cli/pasted.h"

#include <ctype.h>
#include <strings.h>

#include "base/limits.h"
#include "base/utf8.h"

enum { DUMP_ROW = 16 };

static bool is_blank(uint32_t scalar)
{
    return scalar <= ' ' || scalar == 0x7F || scalar == 0xA0 || scalar == 0xAD || /* soft hyphen */
           (scalar >= 0x2000 && scalar <= 0x200F) || scalar == 0x2028 || scalar == 0x2029 ||
           scalar == 0x202F || scalar == 0x205F || (scalar >= 0x2060 && scalar <= 0x2064) ||
           scalar == 0x3000 || scalar == 0xFEFF;
}

static bool is_quote(uint32_t scalar)
{
    return scalar == '"' || scalar == '\'' || scalar == '`' || scalar == 0xAB || scalar == 0xBB ||
           (scalar >= 0x2018 && scalar <= 0x201F) || scalar == 0x2039 || scalar == 0x203A;
}

/* The text with all that editors put around and into it turned into plain blanks: what is left is
 * ASCII, or '?' for anything else. Line feeds stay. */
static void flatten(const char *argument, struct text *out)
{
    struct bytes rest = bytes_of_text(argument);
    uint32_t scalar;

    rest.len = size_min(rest.len, LIMIT_TOKEN_BYTES * 4);
    while (rest.len > 0) {
        size_t len = utf8_take(rest, &scalar);

        rest.at += len;
        rest.len -= len;
        if (scalar == '\n')
            text_put_char(out, '\n');
        else if (scalar == 0x2026) /* one character for three dots */
            text_put(out, "...");
        else if (is_blank(scalar) || is_quote(scalar))
            text_put_char(out, ' ');
        else if (scalar == '\\' && rest.len > 0 && (*rest.at == 'n' || *rest.at == 'r')) {
            text_put_char(out, ' ');
            rest.at++;
            rest.len--;
        } else
            text_put_char(out, scalar < 0x7F ? (char)scalar : '?');
    }
}

static const char *skip_blanks(const char *at)
{
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

/* Behind the scheme, or else behind a header's name; at the start when there is neither. */
static const char *find_start(const char *flat, const char **out_scheme)
{
    static const char *const schemes[] = {"Negotiate", "Kerberos", "NTLM"};
    const char *at, *colon;
    size_t i;

    for (at = flat; *at != '\0'; at++)
        for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
            size_t len = strlen(schemes[i]);

            if (strncasecmp(at, schemes[i], len) == 0 &&
                (at[len] == '\0' || isspace((unsigned char)at[len])) &&
                (at == flat || at[-1] == ':' || isspace((unsigned char)at[-1]))) {
                *out_scheme = schemes[i];
                return skip_blanks(at + len);
            }
        }
    at = skip_blanks(flat);
    for (colon = at; isalpha((unsigned char)*colon) || *colon == '-';)
        colon++;
    return *colon == ':' && colon > at ? skip_blanks(colon + 1) : at;
}

/* True when a line of its own begins here that is the next header: "Name: value". */
static bool is_header(const char *at)
{
    const char *end = at;

    while (isalpha((unsigned char)*end) || *end == '-')
        end++;
    return end > at && *end == ':';
}

static int base64_value(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(alphabet, c == '-' ? '+' : c == '_' ? '/' : c);

    return at == NULL ? -1 : (int)(at - alphabet);
}

/* Some tools write %2B, %2F and %3D. */
static char take_char(const char **at)
{
    char c = **at;

    if (c == '%' && (*at)[1] != '\0') {
        static const struct {
            const char *code;
            char c;
        } codes[] = {{"%2B", '+'}, {"%2F", '/'}, {"%3D", '='}};
        size_t i;

        for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
            if (strncasecmp(*at, codes[i].code, 3) == 0) {
                *at += 3;
                return codes[i].c;
            }
    }
    *at += 1;
    return c;
}

/* False when something stands in it that no token has. */
static bool decode_base64(const char *at, struct pasted *out)
{
    uint32_t bits = 0;
    int num_bits = 0;

    while (*at != '\0') {
        char c;
        int value;

        if (*at == '\n' && is_header(skip_blanks(at)))
            break;
        if (strncmp(at, "...", 3) == 0) {
            out->cut_by_dots = true;
            break;
        }
        c = take_char(&at);
        if (isspace((unsigned char)c)) {
            out->num_skipped++;
            continue;
        }
        if (c == '=' || c == ',' || c == ';')
            break;
        value = base64_value(c);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        num_bits += 6;
        if (num_bits >= 8) {
            num_bits -= 8;
            text_put_char(&out->bytes, (char)(bits >> num_bits));
            bits &= (1u << num_bits) - 1;
        }
    }
    return out->bytes.len > 0;
}

static int hex_value(char c)
{
    return isdigit((unsigned char)c) ? c - '0'
           : c >= 'a' && c <= 'f'    ? c - 'a' + 10
           : c >= 'A' && c <= 'F'    ? c - 'A' + 10
                                     : -1;
}

static size_t hex_run(const char *at)
{
    size_t len = 0;

    while (hex_value(at[len]) >= 0)
        len++;
    return len;
}

/* Behind the offset in front of a row of a dump: "0010  60 82", "00000010: 6082"; else the row. The
 * last row of a dump may be an offset alone. */
static const char *skip_offset(const char *row, bool *inout_dump)
{
    size_t len = hex_run(row);
    bool wide = row[len] == ':' || strncmp(row + len, "  ", 2) == 0;
    bool narrow = row[len] == ' ' && row[3] == '0' && hex_run(row + len + 1) == 2;
    bool alone = *inout_dump && (row[len] == '\n' || row[len] == '\0');

    if (len < 4 || len > 8 || !(wide || narrow || alone))
        return row;
    *inout_dump = true;
    return alone ? row + len : skip_blanks(row + len + 1);
}

/* The bytes of one row, at most DUMP_ROW in a dump, whose text column is left out. */
static bool decode_hex_row(const char *row, const char *end, bool *inout_dump, struct text *out)
{
    const char *at = skip_offset(row, inout_dump);
    bool dump = *inout_dump;
    size_t num = 0;

    while (at < end && !(dump && num == DUMP_ROW)) {
        size_t len = hex_run(at);

        if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
            at += 2;
            continue;
        }
        if (len == 0) {
            if (dump && num > 0 && !isspace((unsigned char)*at))
                return true; /* the text column of a short row */
            if (!isspace((unsigned char)*at) && strchr(":,-;", *at) == NULL)
                return false;
            if (dump && num > 0 && strncmp(at, "   ", 3) == 0)
                return true;
            at++;
            continue;
        }
        if (len % 2 != 0)
            return dump && num > 0;
        for (; len > 0; len -= 2, at += 2, num++)
            text_put_char(out, (char)(hex_value(at[0]) << 4 | hex_value(at[1])));
    }
    return true;
}

static bool decode_hex(const char *at, struct text *out)
{
    bool dump = false;

    while (*(at = skip_blanks(at)) != '\0') {
        const char *end = strchr(at, '\n');

        if (end == NULL)
            end = at + strlen(at);
        if (!decode_hex_row(at, end, &dump, out))
            return false;
        at = end;
    }
    return out->len >= 4;
}

/* First octets of tokens: a GSS-API header, NegTokenInit, NegTokenResp, Kerberos messages, "NTLM".
 */
static bool looks_like_token(const struct text *bytes)
{
    uint8_t first = bytes->len == 0 ? 0 : (uint8_t)bytes->at[0];

    return first == 0xA0 || first == 0xA1 || first == 'N' || (first >= 0x60 && first <= 0x7E);
}

void pasted_decode(const char *argument, struct pasted *out)
{
    struct text flat = {0};
    const char *at;

    memset(out, 0, sizeof(*out));
    flatten(argument, &flat);
    at = find_start(text_str(&flat), &out->scheme);
    if (decode_hex(at, &out->bytes) && looks_like_token(&out->bytes)) {
        out->form = PASTED_HEX;
    } else {
        text_reset(&out->bytes);
        if (decode_base64(at, out))
            out->form = PASTED_BASE64;
        else
            text_reset(&out->bytes);
    }
    text_clear(&flat);
}

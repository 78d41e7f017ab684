/* SPDX-License-Identifier: MIT */
/* Names told by their shape, so that no language has to be understood. */
#include "base/utf8.h"
#include "evidence/document.h"

static bool rdn_at(struct bytes s)
{
    return span_starts_nocase(s, "CN=") || span_starts_nocase(s, "OU=");
}

bool looks_like_dn(struct bytes s)
{
    size_t dc;

    if (!rdn_at(s))
        return false;
    dc = span_find_nocase(s, ",DC=");
    if (dc == SIZE_MAX)
        return false;
    /* behind the first DC= nothing but labels */
    for (s = span_from(s, dc); s.len > 0; s = span_from(s, 1))
        if (s.at[0] == ':' || s.at[0] == ';' || s.at[0] == '(' || span_blank(s.at[0]))
            return false;
    return true;
}

size_t find_dn(struct bytes s)
{
    size_t i;

    for (i = 0; i + 3 < s.len; i++) {
        bool edge = i == 0 || !span_alnum(s.at[i - 1]);

        if (edge && s.at[i + 2] == '=' && rdn_at(span_from(s, i)))
            return i;
    }
    return SIZE_MAX;
}

bool looks_like_spn(struct bytes s)
{
    size_t slash = 0, i;

    while (slash < s.len && (span_alnum(s.at[slash]) || span_among(s.at[slash], "-_.{}$")))
        slash++;
    if (slash == 0 || slash + 1 >= s.len || s.at[slash] != '/' || s.at[slash + 1] == '/')
        return false;
    for (i = slash + 1; i < s.len; i++) {
        uint8_t c = s.at[i];

        if (c <= ' ' || span_among(c, "\\\"<>|=,;?"))
            return false;
    }
    return s.at[s.len - 1] != '/' && !span_has(s, "//");
}

/* Length of a colon, ASCII or full-width, at offset i; 0 for other characters. */
static size_t colon_len(struct bytes s, size_t i)
{
    if (s.at[i] == ':')
        return 1;
    return s.at[i] == 0xEF && span_starts(span_from(s, i), "\xEF\xBC\x9A") ? 3 : 0;
}

static bool is_dot_fill(struct bytes before)
{
    size_t i, dots = 0;

    for (i = before.len; i > 0 && (before.at[i - 1] == '.' || span_blank(before.at[i - 1])); i--)
        dots += before.at[i - 1] == '.';
    return dots >= 2 || (dots == 1 && i < before.len && span_ends(before, ". "));
}

bool split_dotted(struct bytes text, struct bytes *out_label, struct bytes *out_value)
{
    size_t i, end;

    for (i = 0; i < text.len; i++) {
        size_t mark = colon_len(text, i);

        if (mark == 0 || !is_dot_fill(span_to(text, i)))
            continue;
        for (end = i; end > 0 && (text.at[end - 1] == '.' || span_blank(text.at[end - 1])); end--)
            continue;
        *out_label = span_to(text, end);
        *out_value = span_trim(span_from(text, i + mark));
        return true;
    }
    return false;
}

bool split_label(struct bytes text, struct bytes *out_label, struct bytes *out_value)
{
    size_t i;

    if (split_dotted(text, out_label, out_value))
        return true;
    for (i = 0; i < text.len; i++) {
        size_t mark = colon_len(text, i);

        if (mark == 0 || (mark == 1 && i + 1 < text.len && !span_blank(text.at[i + 1])))
            continue;
        *out_label = span_trim(span_to(text, i));
        *out_value = span_trim(span_from(text, i + mark));
        return true;
    }
    return false;
}

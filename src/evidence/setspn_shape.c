/* SPDX-License-Identifier: MIT */
#include "evidence/setspn_shape.h"

bool setspn_ends_in_colon(struct bytes s)
{
    return span_ends(s, ":") || span_ends(s, "\xEF\xBC\x9A");
}

/* The distinguished name at the front of s, without what follows it. */
static struct bytes dn_of(struct bytes s)
{
    size_t dc = span_find_nocase(s, ",DC="), len;

    if (dc == SIZE_MAX)
        return span_to(s, 0);
    for (len = dc; len < s.len && !span_blank(s.at[len]) && s.at[len] != ':' && s.at[len] != ';' &&
                   s.at[len] != '"' && !span_starts(span_from(s, len), "\xEF\xBC\x9A");
         len++)
        continue;
    s = span_to(s, len);
    return looks_like_dn(s) ? s : span_to(s, 0);
}

/* A heading: words and a DN, ended by a colon. */
struct bytes setspn_heading_dn(struct bytes text)
{
    size_t at = find_dn(text);

    return at == SIZE_MAX || !setspn_ends_in_colon(text) ? span_to(text, 0)
                                                         : dn_of(span_from(text, at));
}

/* "Checking domain DC=test,DC=com": the naming context; empty when the line is none. */
struct bytes setspn_checked_domain(struct bytes text)
{
    size_t at = span_find(text, "DC="), len = 0;
    struct bytes s;

    if (at == 0 || at == SIZE_MAX || find_dn(text) != SIZE_MAX || span_alnum(text.at[at - 1]) ||
        text.at[at - 1] == ',')
        return span_to(text, 0);
    s = span_from(text, at);
    while (len < s.len && (span_alnum(s.at[len]) || span_among(s.at[len], "=,-_")))
        len++;
    return span_to(s, len);
}

bool setspn_says_forest(struct bytes text)
{
    static const char *const words[] = {
        "forest",         "for\xC3\xAAt",
        "Gesamtstruktur", "bosque",
        "foresta",        "\xD0\xBB\xD0\xB5\xD1\x81",
        "\xE6\x9E\x97",   "\xE3\x83\x95\xE3\x82\xA9\xE3\x83\xAC\xE3\x82\xB9\xE3\x83\x88"};
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (span_has_nocase(text, words[i]))
            return true;
    return false;
}

/* "HTTP/x is registered on these accounts:" in any word order: the SPN; empty when there is none.
 */
struct bytes setspn_duplicate_heading(struct bytes text)
{
    struct bytes rest = text;

    if (!setspn_ends_in_colon(text) || find_dn(text) != SIZE_MAX)
        return span_to(text, 0);
    while (rest.len > 0) {
        struct bytes word = span_word(&rest);
        size_t len = 0;

        /* Chinese and Japanese put no blank behind the name. */
        while (len < word.len && !(word.at[len] >= 0xE2 && word.at[len] <= 0xEF))
            len++;
        if (len < word.len || rest.len > 0)
            word = span_to(word, len);
        if (looks_like_spn(word) && !span_ends(word, ":"))
            return word;
    }
    return span_to(text, 0);
}

bool setspn_is_prompt(struct bytes text)
{
    struct bytes command = line_command(text);

    return command.len < text.len && (span_has(text, ":\\") || span_has(text, "]:") ||
                                      span_starts(text, "PS ") || span_starts(text, "["));
}

/* An SPN of a list: what stands alone in a line and has a slash, however malformed it is. */
bool setspn_is_listed(const struct line *line, size_t dn_indent)
{
    struct bytes rest = line->text;

    if (looks_like_spn(line->text))
        return true;
    span_word(&rest);
    return rest.len == 0 && line->indent > dn_indent && span_has(line->text, "/");
}

/* More than one word with letters, or other than ASCII: no rule, no code fence, no remark "OK". */
bool setspn_is_sentence(struct bytes text)
{
    struct bytes rest = text;
    size_t letters = 0, i;

    for (i = 0; i < text.len; i++)
        letters += text.at[i] >= 0x80 || span_alnum(text.at[i]);
    span_word(&rest);
    return letters >= 6 && (rest.len > 0 || text.at[0] >= 0x80);
}

/* "found 0 group of duplicate SPNs." and its translations: a number, and SPN untranslated. */
bool setspn_is_count(struct bytes text)
{
    size_t digits = 0;

    if (span_starts(text, "found "))
        text = span_from(text, 6);
    while (digits < text.len && span_digit(text.at[digits]))
        digits++;
    return digits > 0 && digits < text.len && text.len < 120 && span_has(text, " SPN") &&
           (span_blank(text.at[digits]) || text.at[digits] >= 0x80);
}

/* SPDX-License-Identifier: MIT */
#include "evidence/codepage.h"

#include "base/utf8.h"

enum script { LATIN, CYRILLIC, JAPANESE, CHINESE, TAIWANESE };

/* On a tie the earlier one wins: the console's code pages come before those of the windows. */
static const struct {
    const char *name;
    enum script script;
} codepages[CODEPAGES] = {
    {"CP850", LATIN},    {"CP1252", LATIN},  {"CP866", CYRILLIC},  {"CP1251", CYRILLIC},
    {"CP932", JAPANESE}, {"CP936", CHINESE}, {"CP950", TAIWANESE},
};

enum { INVALID = -20, ALIEN = -3 };

const char *codepage_name(size_t i)
{
    return codepages[i].name;
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters that western European languages use often, and the marks of their typography. */
static bool is_common_latin(uint32_t c)
{
    static const uint32_t common[] = {
        0xC0, 0xC1, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCD, 0xD1, 0xD3, 0xD6, 0xD8, 0xDA,
        0xDC, 0xDF, 0xE0, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xEB, 0xEC,
        0xED, 0xEE, 0xEF, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0x153};
    size_t i;

    for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
        if (common[i] == c)
            return true;
    return false;
}

static bool is_latin_mark(uint32_t c)
{
    return c == 0xA0 || c == 0xAB || c == 0xBB || c == 0xBF || c == 0xA1 || c == 0xBA ||
           c == 0xAA || c == 0xAE || c == 0xB0 || (c >= 0x2013 && c <= 0x2026) || c == 0x20AC;
}

static int latin(uint32_t before, uint32_t c, uint32_t after)
{
    bool beside = is_letter(before) || is_letter(after);

    if (is_common_latin(c)) {
        if (!beside)
            return -1;
        /* "déjÀ": a capital in the middle of small letters is the wrong code page */
        return c < 0xDF && before >= 'a' && before <= 'z' ? -1 : 3;
    }
    return is_latin_mark(c) ? 1 : ALIEN;
}

static bool is_cyrillic(uint32_t c)
{
    return (c >= 0x410 && c <= 0x44F) || c == 0x401 || c == 0x451;
}

static int cyrillic(uint32_t before, uint32_t c, uint32_t after)
{
    if (!is_cyrillic(c))
        return is_latin_mark(c) || c == 0x2116 ? 0 : ALIEN;
    if (is_letter(before) || is_letter(after))
        return -1;
    if (c < 0x430 && before >= 0x430 && before <= 0x44F)
        return -2;
    return 2;
}

/* The single-byte code pages are judged by what they decode to. */
static long score_text(enum script script, struct bytes text)
{
    uint32_t before = ' ', c = ' ', after;
    long score = 0;

    for (;;) {
        bool end = text.len == 0;
        size_t used = end ? 0 : utf8_take(text, &after);

        if (end)
            after = ' ';
        if (c == 0xFFFD)
            score += INVALID;
        else if (c >= 0x80)
            score += script == LATIN ? latin(before, c, after) : cyrillic(before, c, after);
        if (end)
            return score;
        before = c;
        c = after;
        text.at += used;
        text.len -= used;
    }
}

/* A pair of CP932 (Shift JIS): kana and the frequent kanji of level 1. */
static int japanese(uint8_t lead, uint8_t trail)
{
    if (lead == 0x82 || lead == 0x83)
        return lead == 0x82 ? (trail >= 0x9F ? 5 : 1) : (trail <= 0x96 ? 5 : ALIEN);
    if (lead == 0x81)
        return 2;
    if (lead >= 0x88 && lead <= 0x97)
        return 4;
    return (lead >= 0x98 && lead <= 0x9F) || (lead >= 0xE0 && lead <= 0xEA) ? 0 : ALIEN;
}

/* A pair of CP936: the frequent characters of GB 2312 come first, the additions of GBK are rare. */
static int chinese(uint8_t lead, uint8_t trail)
{
    if (trail < 0xA1 || lead < 0xA1)
        return -2;
    if (lead >= 0xB0 && lead <= 0xD7)
        return 4;
    if (lead >= 0xD8 && lead <= 0xF7)
        return 1;
    return lead <= 0xA3 ? 2 : ALIEN;
}

/* A pair of CP950 (Big5): level 1 is A4 to C6. */
static int taiwanese(uint8_t lead, uint8_t trail)
{
    if (trail < 0x40 || (trail > 0x7E && trail < 0xA1) || lead < 0xA1)
        return INVALID;
    if (lead >= 0xA4 && lead <= 0xC6)
        return 4;
    return lead <= 0xA3 ? 2 : 0;
}

/* The double-byte ones by their pairs. Isolated high bytes between ASCII letters are western. */
static long score_pairs(enum script script, struct bytes raw)
{
    long score = 0;
    size_t i = 0;

    while (i < raw.len) {
        uint8_t lead = raw.at[i], trail;

        if (lead < 0x80) {
            i++;
            continue;
        }
        if (script == JAPANESE && lead >= 0xA1 && lead <= 0xDF) { /* half-width kana */
            score -= 1;
            i++;
            continue;
        }
        if (i + 1 == raw.len)
            break;
        trail = raw.at[i + 1];
        if (trail < 0x40 || trail == 0x7F || lead == 0x80 || lead == 0xFF)
            score += INVALID;
        else
            score += script == JAPANESE  ? japanese(lead, trail)
                     : script == CHINESE ? chinese(lead, trail)
                                         : taiwanese(lead, trail);
        i += trail < 0x40 ? 1 : 2;
    }
    return score;
}

long codepage_score(size_t i, struct bytes raw, struct bytes text)
{
    enum script script = codepages[i].script;

    return script == LATIN || script == CYRILLIC ? score_text(script, text)
                                                 : score_pairs(script, raw);
}

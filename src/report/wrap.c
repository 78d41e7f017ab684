/* SPDX-License-Identifier: MIT */
#include "report/wrap.h"

#include "base/utf8.h"

struct range {
    uint32_t first, last;
};

/* Combining marks of the scripts that occur in names, variation selectors, Hangul vowels and final
 * consonants. Invisible format characters never get here: text_put_plain has replaced them. */
static const struct range zero[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
    {0x05C4, 0x05C5}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC},
    {0x06DF, 0x06E4}, {0x06E7, 0x06E8}, {0x06EA, 0x06ED}, {0x0900, 0x0902}, {0x093A, 0x093A},
    {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1160, 0x11FF}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF},
    {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

static const struct range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26AA, 0x26AB},
    {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2795, 0x2797},
    {0x2B1B, 0x2B1C},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18AFF},
    {0x1B000, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F200, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB},
    {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool is_in(const struct range *ranges, size_t num, uint32_t c)
{
    size_t low = 0, high = num;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c < ranges[middle].first)
            high = middle;
        else if (c > ranges[middle].last)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

static size_t width_of(struct bytes raw)
{
    size_t width = 0;

    while (raw.len > 0) {
        uint32_t c;
        size_t used = utf8_take(raw, &c);

        if (c < 0x300)
            width++;
        else if (!is_in(zero, sizeof(zero) / sizeof(zero[0]), c))
            width += is_in(wide, sizeof(wide) / sizeof(wide[0]), c) ? 2 : 1;
        raw.at += used;
        raw.len -= used;
    }
    return width;
}

size_t wrap_width(const char *str)
{
    return width_of(bytes_of_text(str));
}

void wrap_pad(struct text *out, size_t from, size_t column)
{
    for (; from < column; from++)
        text_put_char(out, ' ');
}

size_t wrap_put(struct text *out, const char *str, size_t width, size_t indent, size_t column)
{
    struct text plain = {0};
    const char *at;
    bool first = true;

    text_put_plain(&plain, str);
    for (at = text_str(&plain); *(at += strspn(at, " ")) != '\0';) {
        struct bytes word = {(const uint8_t *)at, strcspn(at, " ")};
        size_t wide_as = width_of(word);

        if (column > indent && column + !first + wide_as > width) {
            text_put_char(out, '\n');
            wrap_pad(out, 0, indent);
            column = indent;
        } else if (!first) {
            text_put_char(out, ' ');
            column++;
        }
        text_put_bytes(out, word);
        column += wide_as;
        at += word.len;
        first = false;
    }
    text_clear(&plain);
    return column;
}

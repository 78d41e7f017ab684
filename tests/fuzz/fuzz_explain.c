/* SPDX-License-Identifier: MIT */
/* Any text after --explain: nothing, or a page of printable lines of at most 78 columns that end,
 * the same again, and the same with blanks around what was asked for. */
#include "cause/explain.h"
#include "fuzz.h"

static void check_page(const struct text *out)
{
    const char *at = out->at;

    assert(out->len > 0 && out->at[out->len - 1] == '\n');
    fuzz_check_lines(out->at, out->len, false);
    for (; *at != '\0'; at = strchr(at, '\n') + 1) {
        size_t columns = 0, len = (size_t)(strchr(at, '\n') - at), i;
        bool breaks = false; /* a command or an address is not broken */

        for (i = 0; i < len; i++) {
            columns += ((unsigned char)at[i] & 0xC0) != 0x80;
            breaks |= at[i] == ' ' && i > 0 && at[i - 1] != ' ';
        }
        assert(columns <= 78 || !breaks || strchr("$ >", at[0]) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct text argument = {0}, out = {0}, again = {0};
    bool known;

    text_put_bytes(&argument, (struct bytes){data, len});
    known = explain(&out, text_str(&argument));
    if (known)
        check_page(&out);
    else
        assert(out.len == 0);
    assert(explain(&again, text_str(&argument)) == known);
    assert(strcmp(text_str(&out), text_str(&again)) == 0);
    text_clear(&argument);
    text_clear(&out);
    text_clear(&again);
    return 0;
}

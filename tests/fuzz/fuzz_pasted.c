/* SPDX-License-Identifier: MIT */
/* Any text after --token: an answer of whole lines of printable text, and none of the token's
 * secrets. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/pasted.h"
#include "cli/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *argument = malloc(len + 1);
    struct text out = {0};
    struct pasted pasted;
    size_t i;
    int status;

    memcpy(argument, data, len);
    argument[len] = '\0';
    pasted_decode(argument, &pasted);
    assert((pasted.form == PASTED_NOTHING) == (pasted.bytes.len == 0));
    text_clear(&pasted.bytes);
    status = token_explain(&out, argument);
    assert(status == 0 || status == 2);
    assert((status == 2) == (strncmp(text_str(&out), "not a token", 11) == 0));
    assert(out.len > 0 && out.at[out.len - 1] == '\n');
    for (i = 0; i < out.len; i++)
        assert((unsigned char)out.at[i] >= ' ' || out.at[i] == '\n');
    assert(utf8_clean((struct bytes){(uint8_t *)out.at, out.len}, NULL) == out.len);
    text_clear(&out);
    free(argument);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Prints docs/causes.md:
 *   make build/sanitize/tests/tools/causes_markdown && build/sanitize/tests/tools/causes_markdown >
 *   docs/causes.md */
#include <stdio.h>

#include "cause/explain.h"

int main(void)
{
    struct text out = {0};

    explain_markdown(&out);
    fputs(text_str(&out), stdout);
    text_clear(&out);
    return 0;
}

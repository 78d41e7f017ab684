/* SPDX-License-Identifier: MIT */
/* A token as people paste it, back to bytes. */
#ifndef KRBWHY_CLI_PASTED_H
#define KRBWHY_CLI_PASTED_H

#include "base/text.h"

enum pasted_form { PASTED_NOTHING, PASTED_BASE64, PASTED_HEX };

struct pasted {
    enum pasted_form form;
    struct text bytes;  /* what was decoded; the caller clears it */
    const char *scheme; /* Negotiate, Kerberos, NTLM when one stood before it; static, or NULL */
    size_t num_skipped; /* blanks, line breaks, quotes inside */
    bool cut_by_dots;   /* the text ends in "..." */
};

/* Accepts base64 (RFC 4648; the URL alphabet and missing padding too), alone or behind a header's
 * name and an authentication scheme, with line breaks, blanks and quotes of any kind inside, and
 * hexadecimal: plain, or a dump with offsets and a text column. form PASTED_NOTHING when there is
 * no such thing in it. */
void pasted_decode(const char *argument, struct pasted *out);

#endif

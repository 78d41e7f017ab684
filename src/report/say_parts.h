/* SPDX-License-Identifier: MIT */
/* What the files that make sentences share. */
#ifndef KRBWHY_REPORT_SAY_PARTS_H
#define KRBWHY_REPORT_SAY_PARTS_H

#include "report/say.h"

/* The text in the view's arena; the argument is cleared. */
const char *say_keep(struct view *view, struct text *text);

/* name, or otherwise when it is NULL or empty. */
static inline const char *or_name(const char *name, const char *otherwise)
{
    return name == NULL || name[0] == '\0' ? otherwise : name;
}

/* "KRB_AP_ERR_MODIFIED (41)", with who sent it when an acceptor did, and its text. */
void say_error(struct text *out, const struct krb *krb, bool by_acceptor);

#endif

/* SPDX-License-Identifier: MIT */
/* The little of a PAC that helps: whose log-on it is. */
#ifndef KRBWHY_ASN1_PAC_H
#define KRBWHY_ASN1_PAC_H

#include "base/arena.h"

/* "DOMAIN\account" of a KERB_VALIDATION_INFO ([MS-PAC] 2.4, NDR as [MS-RPCE] 2.2.6 serializes it),
 * as clean text in the arena; NULL when it is not of the simple shape that domain controllers
 * write. */
const char *pac_logon(struct arena *arena, struct bytes validation_info);

#endif

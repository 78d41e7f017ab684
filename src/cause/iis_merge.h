/* SPDX-License-Identifier: MIT */
/* Pieces of one IIS configuration that come in several files. */
#ifndef KRBWHY_CAUSE_IIS_MERGE_H
#define KRBWHY_CAUSE_IIS_MERGE_H

#include "observation/log.h"

/* Puts into the iis_site facts of the list what other files say of them: the identity of a pool
 * that the site's own file does not have (appcmd list apppool), and settings of a web.config or of
 * "appcmd list config SITE". A web.config without a location belongs to the only site there is, or
 * to none. Copies live in the arena; the list's observations keep their ids and sources. */
void iis_merge(struct log *evidence, struct arena *arena);

#endif

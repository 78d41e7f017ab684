/* SPDX-License-Identifier: MIT */
/* Fix cards for a site in the wrong row of the matrix: move the SPN, or change the setting. */
#ifndef KRBWHY_CAUSE_IIS_CARDS_H
#define KRBWHY_CAUSE_IIS_CARDS_H

#include "cause/cards.h"
#include "cause/iis.h"

/* Adds the cards, the one that breaks least first. `shared`: another site that is right with the
 * name as it is, so that the SPN has to stay; NULL none. */
void iis_cards(struct cards *cards, const struct iis_verdict *verdict,
               const struct iis_verdict *shared);

#endif

/* SPDX-License-Identifier: MIT */
/* What to type for the errors of a KDC that a person can act upon. */
#ifndef KRBWHY_CAUSE_KDC_REMEDY_H
#define KRBWHY_CAUSE_KDC_REMEDY_H

#include "cause/cards.h"

/* Adds the cards of that error code (RFC 4120, 7.5.9), for the client's or the service's account of
 * the case; none where there is nothing to type. */
void kdc_remedy(const struct facts *facts, int64_t code, struct cards *cards);

#endif

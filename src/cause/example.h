/* SPDX-License-Identifier: MIT */
/* A cause's fix cards for a made-up case, for the documentation: what the program would print. */
#ifndef KRBWHY_CAUSE_EXAMPLE_H
#define KRBWHY_CAUSE_EXAMPLE_H

#include "cause/cause.h"

/* Fills out->at and out->num (*out is zeroed; its arena set by the caller, in whose memory all
 * texts are) with the cards for HTTP/app.example.com at 192.0.2.10, tried by svc-app, by APP01$
 * where the cause is about a computer. None where the cause has none. */
void example_cards(const struct cause *cause, struct cards *out);

#endif

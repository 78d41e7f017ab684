/* SPDX-License-Identifier: MIT */
/* Private to kerberos*.c: the tables that kerberos.asn1 became. */
#ifndef KRBWHY_ASN1_KERBEROS_GRAMMAR_H
#define KRBWHY_ASN1_KERBEROS_GRAMMAR_H

#include "asn1/grammar.h"
#include "asn1/kerberos.h"

/* The grammar of a message with that APPLICATION tag, which equals its msg-type; NULL for none. It
 * fills a struct kerberos. */
const struct grammar *kerberos_grammar_find(uint32_t type);

/* These fill the struct named behind them. */
extern const struct grammar kerberos_name_grammar;        /* kerberos_name */
extern const struct grammar kerberos_ticket_grammar;      /* kerberos_ticket */
extern const struct grammar kerberos_padata_grammar;      /* kerberos_padata */
extern const struct grammar kerberos_typed_grammar;       /* kerberos_padata */
extern const struct grammar kerberos_etype_info_grammar;  /* kerberos_etype_info */
extern const struct grammar kerberos_etype_info2_grammar; /* kerberos_etype_info */
extern const struct grammar kerberos_for_user_grammar;    /* kerberos_user */
extern const struct grammar kerberos_x509_user_grammar;   /* kerberos_user */
extern const struct grammar kerberos_armored_req_grammar; /* kerberos_padata: the armour */
extern const struct grammar kerberos_error_data_grammar;  /* kerberos_edata */

#endif

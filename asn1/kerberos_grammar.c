/* SPDX-License-Identifier: MIT */
/* kerberos.asn1 as tables; the sections of the RFCs stand there. */
#include "asn1/kerberos_grammar.h"

/* Shorthand for the tables below: one line of the grammar each. */
#define TO(struct_, member) offsetof(struct struct_, member)
#define NEED(name, tag, type, to)                                                                  \
    {                                                                                              \
        name, tag, GRAMMAR_##type, true, 0, to, NULL                                               \
    }
#define MAY(name, tag, type, to)                                                                   \
    {                                                                                              \
        name, tag, GRAMMAR_##type, false, 0, to, NULL                                              \
    }
#define LIST(name, tag, item, need, to)                                                            \
    {                                                                                              \
        name, tag, GRAMMAR_LIST, need, item, to, NULL                                              \
    }
#define PART(name, tag, need, sub, to)                                                             \
    {                                                                                              \
        name, tag, GRAMMAR_RECORD, need, 0, to, &sub                                               \
    }
#define SKIP(name, tag, need)                                                                      \
    {                                                                                              \
        name, tag, GRAMMAR_ANY, need, 0, 0, NULL                                                   \
    }
#define LAST                                                                                       \
    {                                                                                              \
        NULL, 0, 0, false, 0, 0, NULL                                                              \
    }

/* Identifier octets of list elements. */
enum { ITEM_INTEGER = 0x02, ITEM_TEXT = 0x1B, ITEM_SEQUENCE = 0x30, ITEM_TICKET = 0x61 };

static const struct grammar_field name_fields[] = {
    NEED("name-type", 0, INT, TO(kerberos_name, type)),
    LIST("name-string", 1, ITEM_TEXT, true, TO(kerberos_name, parts)),
    LAST,
};
const struct grammar kerberos_name_grammar = {"PrincipalName", -1, sizeof(struct kerberos_name),
                                              name_fields};

static const struct grammar_field encrypted_fields[] = {
    NEED("etype", 0, INT, TO(kerberos_encrypted, etype)),
    MAY("kvno", 1, UINT32, TO(kerberos_encrypted, kvno)),
    NEED("cipher", 2, OCTETS, TO(kerberos_encrypted, cipher)),
    LAST,
};
static const struct grammar encrypted_grammar = {
    "EncryptedData", -1, sizeof(struct kerberos_encrypted), encrypted_fields};

static const struct grammar_field ticket_fields[] = {
    NEED("tkt-vno", 0, INT, TO(kerberos_ticket, vno)),
    NEED("realm", 1, TEXT, TO(kerberos_ticket, realm)),
    PART("sname", 2, true, kerberos_name_grammar, TO(kerberos_ticket, sname)),
    PART("enc-part", 3, true, encrypted_grammar, TO(kerberos_ticket, enc)),
    LAST,
};
const struct grammar kerberos_ticket_grammar = {"Ticket", 1, sizeof(struct kerberos_ticket),
                                                ticket_fields};

static const struct grammar_field body_fields[] = {
    NEED("kdc-options", 0, FLAGS, TO(kerberos, kdc_options)),
    PART("cname", 1, false, kerberos_name_grammar, TO(kerberos, cname)),
    NEED("realm", 2, TEXT, TO(kerberos, realm)),
    PART("sname", 3, false, kerberos_name_grammar, TO(kerberos, sname)),
    MAY("from", 4, TIME, TO(kerberos, from_s)),
    NEED("till", 5, TIME, TO(kerberos, till_s)),
    MAY("rtime", 6, TIME, TO(kerberos, rtime_s)),
    SKIP("nonce", 7, true),
    LIST("etype", 8, ITEM_INTEGER, true, TO(kerberos, etypes)),
    LIST("addresses", 9, ITEM_SEQUENCE, false, TO(kerberos, addresses)),
    SKIP("enc-authorization-data", 10, false),
    LIST("additional-tickets", 11, ITEM_TICKET, false, TO(kerberos, tickets)),
    LAST,
};
static const struct grammar body_grammar = {"KDC-REQ-BODY", -1, sizeof(struct kerberos),
                                            body_fields};

static const struct grammar_field kdc_req_fields[] = {
    NEED("pvno", 1, INT, TO(kerberos, pvno)),
    NEED("msg-type", 2, INT, TO(kerberos, type)),
    LIST("padata", 3, ITEM_SEQUENCE, false, TO(kerberos, padata)),
    {"req-body", 4, GRAMMAR_INLINE, true, 0, 0, &body_grammar},
    LAST,
};

static const struct grammar_field kdc_rep_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    LIST("padata", 2, ITEM_SEQUENCE, false, TO(kerberos, padata)),
    NEED("crealm", 3, TEXT, TO(kerberos, crealm)),
    PART("cname", 4, true, kerberos_name_grammar, TO(kerberos, cname)),
    PART("ticket", 5, true, kerberos_ticket_grammar, TO(kerberos, ticket)),
    PART("enc-part", 6, true, encrypted_grammar, TO(kerberos, enc)),
    LAST,
};

static const struct grammar_field ap_req_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    NEED("ap-options", 2, FLAGS, TO(kerberos, ap_options)),
    PART("ticket", 3, true, kerberos_ticket_grammar, TO(kerberos, ticket)),
    PART("authenticator", 4, true, encrypted_grammar, TO(kerberos, authenticator)),
    LAST,
};

static const struct grammar_field ap_rep_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    PART("enc-part", 2, true, encrypted_grammar, TO(kerberos, enc)),
    LAST,
};

static const struct grammar_field tgt_req_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    PART("server-name", 2, false, kerberos_name_grammar, TO(kerberos, sname)),
    MAY("realm", 3, TEXT, TO(kerberos, realm)),
    LAST,
};

static const struct grammar_field tgt_rep_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    PART("ticket", 2, true, kerberos_ticket_grammar, TO(kerberos, ticket)),
    LAST,
};

static const struct grammar_field safe_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    SKIP("safe-body", 2, true),
    SKIP("cksum", 3, true),
    LAST,
};

static const struct grammar_field priv_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    PART("enc-part", 3, true, encrypted_grammar, TO(kerberos, enc)), /* there is no [2] */
    LAST,
};

static const struct grammar_field cred_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    LIST("tickets", 2, ITEM_TICKET, true, TO(kerberos, tickets)),
    PART("enc-part", 3, true, encrypted_grammar, TO(kerberos, enc)),
    LAST,
};

static const struct grammar_field error_fields[] = {
    NEED("pvno", 0, INT, TO(kerberos, pvno)),
    NEED("msg-type", 1, INT, TO(kerberos, type)),
    MAY("ctime", 2, TIME, TO(kerberos, ctime_s)),
    MAY("cusec", 3, INT, TO(kerberos, cusec)),
    NEED("stime", 4, TIME, TO(kerberos, stime_s)),
    NEED("susec", 5, INT, TO(kerberos, susec)),
    NEED("error-code", 6, INT, TO(kerberos, error_code)),
    MAY("crealm", 7, TEXT, TO(kerberos, crealm)),
    PART("cname", 8, false, kerberos_name_grammar, TO(kerberos, cname)),
    NEED("realm", 9, TEXT, TO(kerberos, realm)),
    PART("sname", 10, true, kerberos_name_grammar, TO(kerberos, sname)),
    MAY("e-text", 11, TEXT, TO(kerberos, e_text)),
    MAY("e-data", 12, OCTETS, TO(kerberos, e_data)),
    LAST,
};

/* The APPLICATION tag equals msg-type in all of them. */
static const struct grammar messages[] = {
    {"AS-REQ", KRB_AS_REQ, sizeof(struct kerberos), kdc_req_fields},
    {"AS-REP", KRB_AS_REP, sizeof(struct kerberos), kdc_rep_fields},
    {"TGS-REQ", KRB_TGS_REQ, sizeof(struct kerberos), kdc_req_fields},
    {"TGS-REP", KRB_TGS_REP, sizeof(struct kerberos), kdc_rep_fields},
    {"AP-REQ", KRB_AP_REQ, sizeof(struct kerberos), ap_req_fields},
    {"AP-REP", KRB_AP_REP, sizeof(struct kerberos), ap_rep_fields},
    {"TGT-REQ", KRB_TGT_REQ, sizeof(struct kerberos), tgt_req_fields},
    {"TGT-REP", KRB_TGT_REP, sizeof(struct kerberos), tgt_rep_fields},
    {"KRB-SAFE", KRB_SAFE, sizeof(struct kerberos), safe_fields},
    {"KRB-PRIV", KRB_PRIV, sizeof(struct kerberos), priv_fields},
    {"KRB-CRED", KRB_CRED, sizeof(struct kerberos), cred_fields},
    {"KRB-ERROR", KRB_ERROR, sizeof(struct kerberos), error_fields},
};
_Static_assert(sizeof(struct kerberos) <= GRAMMAR_SCRATCH, "salvage needs room for a message");

static const struct grammar_field padata_fields[] = {
    NEED("padata-type", 1, INT, TO(kerberos_padata, type)),
    NEED("padata-value", 2, OCTETS, TO(kerberos_padata, value)),
    LAST,
};
const struct grammar kerberos_padata_grammar = {"PA-DATA", -1, sizeof(struct kerberos_padata),
                                                padata_fields};

static const struct grammar_field typed_fields[] = {
    NEED("data-type", 0, INT, TO(kerberos_padata, type)),
    MAY("data-value", 1, OCTETS, TO(kerberos_padata, value)),
    LAST,
};
const struct grammar kerberos_typed_grammar = {"TYPED-DATA", -1, sizeof(struct kerberos_padata),
                                               typed_fields};

static const struct grammar_field etype_info_fields[] = {
    NEED("etype", 0, INT, TO(kerberos_etype_info, etype)),
    MAY("salt", 1, OCTETS, TO(kerberos_etype_info, salt)),
    LAST,
};
const struct grammar kerberos_etype_info_grammar = {
    "ETYPE-INFO-ENTRY", -1, sizeof(struct kerberos_etype_info), etype_info_fields};

static const struct grammar_field etype_info2_fields[] = {
    NEED("etype", 0, INT, TO(kerberos_etype_info, etype)),
    MAY("salt", 1, TEXT, TO(kerberos_etype_info, salt)),
    SKIP("s2kparams", 2, false),
    LAST,
};
const struct grammar kerberos_etype_info2_grammar = {
    "ETYPE-INFO2-ENTRY", -1, sizeof(struct kerberos_etype_info), etype_info2_fields};

static const struct grammar_field for_user_fields[] = {
    PART("userName", 0, true, kerberos_name_grammar, TO(kerberos_user, name)),
    NEED("userRealm", 1, TEXT, TO(kerberos_user, realm)),
    SKIP("cksum", 2, true),
    SKIP("auth-package", 3, true),
    LAST,
};
const struct grammar kerberos_for_user_grammar = {"PA-FOR-USER", -1, sizeof(struct kerberos_user),
                                                  for_user_fields};

static const struct grammar_field user_id_fields[] = {
    SKIP("nonce", 0, true),
    PART("cname", 1, false, kerberos_name_grammar, TO(kerberos_user, name)),
    NEED("crealm", 2, TEXT, TO(kerberos_user, realm)),
    SKIP("subject-certificate", 3, false),
    SKIP("options", 4, false),
    LAST,
};
static const struct grammar user_id_grammar = {"S4UUserID", -1, sizeof(struct kerberos_user),
                                               user_id_fields};
static const struct grammar_field x509_user_fields[] = {
    {"user-id", 0, GRAMMAR_INLINE, true, 0, 0, &user_id_grammar},
    SKIP("checksum", 1, true),
    LAST,
};
const struct grammar kerberos_x509_user_grammar = {"PA-S4U-X509-USER", -1,
                                                   sizeof(struct kerberos_user), x509_user_fields};

static const struct grammar_field armor_fields[] = {
    NEED("armor-type", 0, INT, TO(kerberos_padata, type)),
    NEED("armor-value", 1, OCTETS, TO(kerberos_padata, value)),
    LAST,
};
static const struct grammar armor_grammar = {"KrbFastArmor", -1, sizeof(struct kerberos_padata),
                                             armor_fields};
static const struct grammar_field armored_req_fields[] = {
    {"armor", 0, GRAMMAR_INLINE, false, 0, 0, &armor_grammar},
    SKIP("req-checksum", 1, true),
    SKIP("enc-fast-req", 2, true),
    LAST,
};
const struct grammar kerberos_armored_req_grammar = {
    "KrbFastArmoredReq", -1, sizeof(struct kerberos_padata), armored_req_fields};

static const struct grammar_field error_data_fields[] = {
    NEED("data-type", 1, INT, TO(kerberos_edata, type)),
    MAY("data-value", 2, OCTETS, TO(kerberos_edata, value)),
    LAST,
};
const struct grammar kerberos_error_data_grammar = {
    "KERB-ERROR-DATA", -1, sizeof(struct kerberos_edata), error_data_fields};

const struct grammar *kerberos_grammar_find(uint32_t type)
{
    size_t i;

    for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        if ((uint32_t)messages[i].application == type)
            return &messages[i];
    return NULL;
}

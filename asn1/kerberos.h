/* SPDX-License-Identifier: MIT */
/* Kerberos messages (RFC 4120, 4537, 6113, 6806, [MS-KILE], [MS-SFU]): their clear fields.
 * The grammar is written out, with sections, in kerberos.asn1. Everything borrows the input. */
#ifndef KRBWHY_ASN1_KERBEROS_H
#define KRBWHY_ASN1_KERBEROS_H

#include "asn1/grammar.h"

/* msg-type, RFC 4120, 7.5.7; 16 and 17 of draft-swift-win2k-krb-user2user. */
enum {
    KRB_AS_REQ = 10,
    KRB_AS_REP = 11,
    KRB_TGS_REQ = 12,
    KRB_TGS_REP = 13,
    KRB_AP_REQ = 14,
    KRB_AP_REP = 15,
    KRB_TGT_REQ = 16,
    KRB_TGT_REP = 17,
    KRB_SAFE = 20,
    KRB_PRIV = 21,
    KRB_CRED = 22,
    KRB_ERROR = 30
};

/* Pre-authentication data that is looked into. */
enum {
    PA_TGS_REQ = 1,
    PA_PW_SALT = 3,
    PA_ETYPE_INFO = 11,
    PA_ETYPE_INFO2 = 19,
    PA_FOR_USER = 129,      /* [MS-SFU] 2.2.1 */
    PA_S4U_X509_USER = 130, /* [MS-SFU] 2.2.2 */
    PA_FX_FAST = 136        /* RFC 6113, 5.4.2 */
};

/* PrincipalName, 5.2.2; parts is a list of GeneralString. */
struct kerberos_name {
    bool set;
    struct der_int type;
    struct der_list parts;
};

/* EncryptedData, 5.2.9. */
struct kerberos_encrypted {
    bool set;
    struct der_int etype; /* may be negative */
    struct der_int kvno;  /* 0 to 2^32-1, also where it was written as a negative number */
    struct der_bytes cipher;
};

/* Ticket, 5.3: the clear part. */
struct kerberos_ticket {
    bool set;
    struct der_int vno;
    struct der_bytes realm;
    struct kerberos_name sname;
    struct kerberos_encrypted enc;
};

/* One message of any kind; what a kind does not have is not set. */
struct kerberos {
    bool set;
    int msg_type;               /* of the outer tag; of msg-type for 16 and 17 */
    size_t start, end;          /* offsets of the message from the reader's base */
    struct der_int pvno, type;  /* as written in the message */
    struct der_list padata;     /* KDC-REQ and KDC-REP: kerberos_padata_take */
    struct der_int kdc_options; /* KDC-REQ */
    struct kerberos_name cname, sname;
    struct der_bytes crealm, realm; /* realm: KDC-REQ-BODY, KRB-ERROR, TGT-REQ */
    struct der_int from_s, till_s, rtime_s;
    struct der_list etypes; /* KDC-REQ: INTEGERs, der_integer */
    struct der_list addresses;
    struct der_list
        tickets; /* KDC-REQ: additional tickets; KRB-CRED: its tickets; kerberos_ticket_take
                  */
    struct kerberos_ticket ticket;           /* KDC-REP, AP-REQ, TGT-REP */
    struct kerberos_encrypted enc;           /* enc-part of KDC-REP, AP-REP, KRB-PRIV, KRB-CRED */
    struct der_int ap_options;               /* AP-REQ */
    struct kerberos_encrypted authenticator; /* AP-REQ */
    struct der_int ctime_s, cusec, stime_s, susec, error_code; /* KRB-ERROR */
    struct der_bytes e_text, e_data;
    struct grammar_salvaged salvaged; /* KRB-ERROR: fields found in damage */
    struct der_story story;
};

struct kerberos_padata {
    bool set;
    struct der_int type;
    struct der_bytes value;
};

struct kerberos_etype_info {
    bool set;
    struct der_int etype;
    struct der_bytes salt;
};

/* The user of PA-FOR-USER or PA-S4U-X509-USER. */
struct kerberos_user {
    bool set;
    struct kerberos_name name;
    struct der_bytes realm;
};

/* KERB-ERROR-DATA, data-type, [MS-KILE] 2.2.2. */
enum { ERROR_DATA_SKEW_RECOVERY = 2, ERROR_DATA_EXTENDED = 3 };

/* What the e-data of a KRB-ERROR is (5.9.1, [MS-KILE] 2.2.1 and 2.2.2). */
enum kerberos_edata_kind {
    EDATA_NONE,
    EDATA_METHOD_DATA, /* list of PA-DATA */
    EDATA_TYPED_DATA,  /* list of TYPED-DATA: kerberos_typed_take */
    EDATA_ERROR_DATA,  /* KERB-ERROR-DATA */
    EDATA_EXT_ERROR,   /* a bare KERB-EXT-ERROR */
    EDATA_OTHER
};

struct kerberos_edata {
    bool set;
    enum kerberos_edata_kind kind;
    struct der_list list;
    struct der_int type; /* KERB-ERROR-DATA: 1 AP_EXC_INFO, 2 skew recovery, 3 extended */
    struct der_bytes value;
    struct der_int ntstatus; /* 0 to 2^32-1, wherever in the e-data it stands */
    struct der_story story;
};

/* msg-type that an application tag octet (0x6A ...) of a message announces; 0 for none. */
int kerberos_type_of_octet(int octet);

/* Reads one message from the front of the reader and moves behind it. True when it is a Kerberos
 * message at all (tag and enough of its frame); then out->story says what was wrong with it: the
 * fault, and its absolute offset. `in` open means that bytes may be missing at its end
 * (FAULT_NEEDS_MORE). When a KRB-ERROR is malformed its fields are salvaged; see out->salvaged.
 * False, with the story filled, when it is none. */
bool kerberos_parse(struct reader *in, struct kerberos *out);

/* Only what can be salvaged as a KRB-ERROR out of bytes whose frame is damaged: true when an
 * error code with a realm or an sname came out. */
bool kerberos_salvage(const struct reader *in, struct kerberos *out);

/* The next item of a list, from a copy of its `in`; false at its end. Items that cannot be read are
 * passed over. */
bool kerberos_padata_take(struct reader *list, struct kerberos_padata *out);
bool kerberos_typed_take(struct reader *list, struct kerberos_padata *out);
bool kerberos_ticket_take(struct reader *list, struct kerberos_ticket *out);
/* padata_type: PA_ETYPE_INFO or PA_ETYPE_INFO2. */
bool kerberos_etype_info_take(struct reader *list, int64_t padata_type,
                              struct kerberos_etype_info *out);
bool kerberos_int_take(struct reader *list, int64_t *out);
bool kerberos_part_take(struct reader *list, struct bytes *out);

/* Inside of PA-DATA. Each takes the value of a padata whose offsets are those of `base` (the
 * reader of the message), and gives false when it is something else.
 * kerberos_list: ETYPE-INFO, ETYPE-INFO2, METHOD-DATA as a list. */
bool kerberos_list(const struct reader *base, struct bytes value, struct der_list *out);
bool kerberos_user_parse(const struct reader *base, const struct kerberos_padata *padata,
                         struct kerberos_user *out);

/* A reader over the AP-REQ inside PA-TGS-REQ or the armour of PA-FX-FAST; false for none. */
bool kerberos_nested(const struct reader *base, const struct kerberos_padata *padata,
                     struct reader *out);

/* The e-data of a KRB-ERROR; out->set false when there is none. */
void kerberos_edata_parse(const struct reader *base, const struct kerberos *error,
                          struct kerberos_edata *out);

/* NTSTATUS of a KERB-EXT-ERROR ([MS-KILE] 2.2.1: status, reserved, flags, little-endian). */
struct der_int kerberos_ntstatus(struct bytes ext_error);

/* A closed reader over `part`, which lies inside the input of `base`, with the same offsets. */
struct reader kerberos_reader(const struct reader *base, struct bytes part);

#endif

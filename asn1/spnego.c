/* SPDX-License-Identifier: MIT */
#include "asn1/spnego.h"

#include "asn1/grammar.h"

#define TO(member) offsetof(struct spnego, member)
#define LAST                                                                                       \
    {                                                                                              \
        NULL, 0, 0, false, 0, 0, NULL                                                              \
    }

enum { ITEM_OID = 0x06 };

static const struct grammar_field hints_fields[] = {
    {"hintName", 0, GRAMMAR_TEXT, false, 0, TO(hint_name), NULL},
    {"hintAddress", 1, GRAMMAR_ANY, false, 0, 0, NULL},
    LAST,
};
static const struct grammar hints_grammar = {"NegHints", -1, sizeof(struct spnego), hints_fields};

/* [3] is mechListMIC in RFC 4178 and negHints in [MS-SPNG]; see is_hints. */
static const struct grammar_field init_fields[] = {
    {"mechTypes", 0, GRAMMAR_LIST, true, ITEM_OID, TO(mechs), NULL},
    {"reqFlags", 1, GRAMMAR_FLAGS, false, 0, TO(req_flags), NULL},
    {"mechToken", 2, GRAMMAR_OCTETS, false, 0, TO(token), NULL},
    {"mechListMIC", 3, GRAMMAR_OCTETS, false, 0, TO(mic), NULL},
    LAST,
};
static const struct grammar init_grammar = {"NegTokenInit", -1, sizeof(struct spnego), init_fields};

static const struct grammar_field init2_fields[] = {
    {"mechTypes", 0, GRAMMAR_LIST, true, ITEM_OID, TO(mechs), NULL},
    {"reqFlags", 1, GRAMMAR_FLAGS, false, 0, TO(req_flags), NULL},
    {"mechToken", 2, GRAMMAR_OCTETS, false, 0, TO(token), NULL},
    {"negHints", 3, GRAMMAR_INLINE, false, 0, 0, &hints_grammar},
    {"mechListMIC", 4, GRAMMAR_OCTETS, false, 0, TO(mic), NULL},
    LAST,
};
static const struct grammar init2_grammar = {"NegTokenInit2", -1, sizeof(struct spnego),
                                             init2_fields};

static const struct grammar_field resp_fields[] = {
    {"negState", 0, GRAMMAR_ENUM, false, 0, TO(neg_state), NULL},
    {"supportedMech", 1, GRAMMAR_OID, false, 0, TO(supported), NULL},
    {"responseToken", 2, GRAMMAR_OCTETS, false, 0, TO(token), NULL},
    {"mechListMIC", 3, GRAMMAR_OCTETS, false, 0, TO(mic), NULL},
    LAST,
};
static const struct grammar resp_grammar = {"NegTokenResp", -1, sizeof(struct spnego), resp_fields};

/* True when [3] of a NegTokenInit holds a SEQUENCE: then it is negHints. */
static bool is_hints(const struct der *sequence)
{
    struct der_story story = {0};
    struct reader in = sequence->in;
    struct der wrapper, inner;

    while (der_take(&in, &story, &wrapper))
        if (der_is(&wrapper, DER_CONTEXT, 3))
            return der_inside(&wrapper, &story, &inner) &&
                   der_is(&inner, DER_UNIVERSAL, DER_SEQUENCE);
        else if (der_is(&wrapper, DER_CONTEXT, 4))
            return true;
    return false;
}

bool spnego_parse(struct reader *in, struct spnego *out)
{
    const struct grammar *grammar = &resp_grammar;
    struct der choice, sequence;

    memset(out, 0, sizeof(*out));
    if (!der_take(in, &out->story, &choice) || choice.class != DER_CONTEXT || choice.tag > 1 ||
        !choice.constructed) {
        der_fail(&out->story, FAULT_MALFORMED, in->at, "not a negotiation token");
        return false;
    }
    out->set = true;
    out->kind = choice.tag == 0 ? SPNEGO_INIT : SPNEGO_RESP;
    if (!der_inside(&choice, &out->story, &sequence))
        return out->story.fault == FAULT_NEEDS_MORE;
    if (out->kind == SPNEGO_INIT) {
        grammar = is_hints(&sequence) ? &init2_grammar : &init_grammar;
        out->kind = grammar == &init2_grammar ? SPNEGO_INIT2 : SPNEGO_INIT;
    }
    return grammar_element(grammar, &sequence, &out->story, out);
}

bool spnego_mech_take(struct reader *list, struct bytes *out)
{
    struct der_story story = {0};
    struct der element;

    while (der_take(list, &story, &element)) {
        struct der_bytes oid = der_string(&element, &story);

        if (oid.set && der_is(&element, DER_UNIVERSAL, DER_OID)) {
            *out = oid.raw;
            return true;
        }
    }
    return false;
}

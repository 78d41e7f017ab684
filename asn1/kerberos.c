/* SPDX-License-Identifier: MIT */
#include "asn1/kerberos.h"

#include "asn1/kerberos_grammar.h"

/* Fields of a KRB-ERROR, as bits of `salvaged`. */
enum { ERROR_CODE = 1 << 6, ERROR_REALM = 1 << 9, ERROR_SNAME = 1 << 10 };

int kerberos_type_of_octet(int octet)
{
    const struct grammar *message =
        octet < 0 || octet >> 5 != 3 ? NULL : kerberos_grammar_find(octet & 0x1F);

    return message == NULL ? 0 : message->application;
}

/* user-to-user messages stand in a GSS token as a SEQUENCE without an APPLICATION tag. */
static const struct grammar *find_bare(const struct der *element)
{
    const struct grammar *tgt = kerberos_grammar_find(KRB_TGT_REQ);
    struct kerberos head = {0};
    struct der_story story = {0};
    struct reader in = element->in;
    struct der wrapper;
    int i;

    for (i = 0; i < 2 && der_take(&in, &story, &wrapper); i++)
        if (wrapper.class == DER_CONTEXT && wrapper.tag == (uint32_t)i)
            grammar_value(&tgt->fields[i], &wrapper, &story, &head);
    if (head.pvno.set && head.pvno.value == 5 && head.type.set &&
        (head.type.value == KRB_TGT_REQ || head.type.value == KRB_TGT_REP))
        return kerberos_grammar_find((uint32_t)head.type.value);
    return NULL;
}

static void salvage(const struct reader *contents, struct kerberos *out)
{
    const struct grammar *error = kerberos_grammar_find(KRB_ERROR);

    out->salvaged = grammar_salvage(error, contents, grammar_have(error, out), out);
}

bool kerberos_parse(struct reader *in, struct kerberos *out)
{
    const struct grammar *message = NULL;
    struct der element, inner;

    memset(out, 0, sizeof(*out));
    out->start = in->at;
    if (!der_take(in, &out->story, &element)) {
        der_fail(&out->story, in->open ? FAULT_NEEDS_MORE : FAULT_MALFORMED, out->start,
                 "no message");
        return false;
    }
    out->end = element.end;
    if (element.class == DER_APPLICATION && element.constructed)
        message = kerberos_grammar_find(element.tag);
    else if (der_is(&element, DER_UNIVERSAL, DER_SEQUENCE))
        message = find_bare(&element);
    if (message == NULL) {
        der_fail(&out->story, FAULT_MALFORMED, element.start, "not a Kerberos message");
        return false;
    }
    out->set = true;
    out->msg_type = message->application;
    inner = element;
    if (element.class == DER_APPLICATION && !der_inside(&element, &out->story, &inner)) {
        if (message->application == KRB_ERROR)
            salvage(&element.in, out);
        return out->story.fault == FAULT_NEEDS_MORE || out->salvaged.tags != 0;
    }
    if (der_is(&inner, DER_UNIVERSAL, DER_SEQUENCE))
        grammar_fields(message, &inner.in, &out->story, out);
    else
        der_fail(&out->story, FAULT_MALFORMED, inner.start, "not a SEQUENCE");
    if (out->story.fault == FAULT_NONE && out->type.value != out->msg_type)
        der_fail(&out->story, FAULT_MALFORMED, inner.start, "msg-type differs from the tag");
    if (message->application == KRB_ERROR && out->story.fault != FAULT_NONE)
        salvage(&inner.in, out);
    return true;
}

bool kerberos_salvage(const struct reader *in, struct kerberos *out)
{
    memset(out, 0, sizeof(*out));
    out->set = true;
    out->msg_type = KRB_ERROR;
    out->start = in->at;
    out->end = in->end;
    der_fail(&out->story, FAULT_MALFORMED, in->at, "the frame of the message is damaged");
    salvage(in, out);
    return (out->salvaged.tags & ERROR_CODE) != 0 &&
           (out->salvaged.tags & (ERROR_REALM | ERROR_SNAME)) != 0;
}

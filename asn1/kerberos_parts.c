/* SPDX-License-Identifier: MIT */
/* What stands inside a message: items of its lists, PA-DATA, e-data. */
#include "asn1/kerberos_grammar.h"
#include "base/limits.h"

/* Takes items until one can be read; every grammar's struct begins with `bool set`. */
static bool take_record(struct reader *list, const struct grammar *grammar, void *out)
{
    struct der_story story = {0};
    struct der element;

    while (der_take(list, &story, &element)) {
        struct der_story own = {0};

        memset(out, 0, grammar->size);
        if (grammar_element(grammar, &element, &own, out)) {
            *(bool *)out = true;
            return true;
        }
    }
    memset(out, 0, grammar->size);
    return false;
}

bool kerberos_padata_take(struct reader *list, struct kerberos_padata *out)
{
    return take_record(list, &kerberos_padata_grammar, out);
}

bool kerberos_typed_take(struct reader *list, struct kerberos_padata *out)
{
    return take_record(list, &kerberos_typed_grammar, out);
}

bool kerberos_ticket_take(struct reader *list, struct kerberos_ticket *out)
{
    return take_record(list, &kerberos_ticket_grammar, out);
}

bool kerberos_etype_info_take(struct reader *list, int64_t padata_type,
                              struct kerberos_etype_info *out)
{
    return take_record(list,
                       padata_type == PA_ETYPE_INFO2 ? &kerberos_etype_info2_grammar
                                                     : &kerberos_etype_info_grammar,
                       out);
}

bool kerberos_int_take(struct reader *list, int64_t *out)
{
    struct der_story story = {0};
    struct der element;

    while (der_take(list, &story, &element)) {
        struct der_int value = {false, 0};

        if (der_is(&element, DER_UNIVERSAL, DER_INTEGER))
            value = der_integer(&element, &story);
        if (value.set) {
            *out = value.value;
            return true;
        }
    }
    return false;
}

bool kerberos_part_take(struct reader *list, struct bytes *out)
{
    struct der_story story = {0};
    struct der element;

    while (der_take(list, &story, &element)) {
        struct der_bytes value = der_string(&element, &story);

        if (value.set) {
            *out = value.raw;
            return true;
        }
    }
    return false;
}

struct reader kerberos_reader(const struct reader *base, struct bytes part)
{
    struct reader reader = *base;

    reader.fault = FAULT_NONE;
    reader.open = false;
    reader.at = part.len == 0 ? base->at : (size_t)(part.at - base->base);
    reader.end = reader.at + part.len;
    return reader;
}

/* The element that a value consists of, or what is there of it when the value is cut. */
static bool take_first(const struct reader *base, const struct der_bytes *value, struct der *out)
{
    struct reader in = kerberos_reader(base, value->raw);
    struct der_story story = {0};

    in.open = !value->set;
    return der_take(&in, &story, out);
}

/* The one whole element that a value consists of. */
static bool take_only(const struct reader *base, struct bytes value, struct der *out)
{
    struct der_bytes whole = {true, value};

    return take_first(base, &whole, out) && !out->cut;
}

bool kerberos_list(const struct reader *base, struct bytes value, struct der_list *out)
{
    struct der_story story = {0};
    struct der element, item;
    struct reader in;

    memset(out, 0, sizeof(*out));
    if (!take_only(base, value, &element) || !der_is(&element, DER_UNIVERSAL, DER_SEQUENCE))
        return false;
    out->in = in = element.in;
    while (der_take(&in, &story, &item)) {
        if (!der_is(&item, DER_UNIVERSAL, DER_SEQUENCE))
            return false;
        if (out->num == LIMIT_DER_ITEMS) {
            out->more = true;
            out->in.end = item.start;
            break;
        }
        out->num++;
    }
    out->set = true;
    return true;
}

bool kerberos_user_parse(const struct reader *base, const struct kerberos_padata *padata,
                         struct kerberos_user *out)
{
    const struct grammar *grammar = padata->type.value == PA_FOR_USER ? &kerberos_for_user_grammar
                                                                      : &kerberos_x509_user_grammar;
    struct der_story story = {0};
    struct der element;

    memset(out, 0, sizeof(*out));
    if (padata->type.value != PA_FOR_USER && padata->type.value != PA_S4U_X509_USER)
        return false;
    if (!take_only(base, padata->value.raw, &element) ||
        !grammar_element(grammar, &element, &story, out))
        return false;
    out->set = out->name.set || out->realm.set;
    return out->set;
}

bool kerberos_nested(const struct reader *base, const struct kerberos_padata *padata,
                     struct reader *out)
{
    struct kerberos_padata armor = {0};
    struct der_story story = {0};
    struct der choice, element;

    if (!padata->type.set || padata->value.raw.len == 0)
        return false;
    if (padata->type.value == PA_TGS_REQ) {
        *out = kerberos_reader(base, padata->value.raw);
        out->open = !padata->value.set;
        return true;
    }
    if (padata->type.value != PA_FX_FAST || !take_first(base, &padata->value, &choice) ||
        !der_is(&choice, DER_CONTEXT, 0) || !der_inside(&choice, &story, &element) ||
        !grammar_element(&kerberos_armored_req_grammar, &element, &story, &armor) ||
        armor.value.raw.len == 0)
        return false;
    *out = kerberos_reader(base, armor.value.raw);
    out->open = !armor.value.set;
    return kerberos_type_of_octet(reader_peek(out)) == KRB_AP_REQ;
}

struct der_int kerberos_ntstatus(struct bytes ext_error)
{
    struct der_int out = {false, 0};
    struct reader in;

    reader_init(&in, ext_error, false);
    out.value = reader_le32(&in);
    reader_skip(&in, 8); /* reserved, flags */
    out.set = reader_ok(&in) && reader_left(&in) == 0 && out.value != 0;
    if (!out.set)
        out.value = 0;
    return out;
}

/* NTSTATUS in a list of PA-DATA: Windows puts a KERB-EXT-ERROR into PA-PW-SALT. */
static void find_ntstatus(struct kerberos_edata *out)
{
    struct reader list = out->list.in;
    struct kerberos_padata item;

    while (!out->ntstatus.set && kerberos_padata_take(&list, &item))
        if (item.type.value == PA_PW_SALT && item.value.set)
            out->ntstatus = kerberos_ntstatus(item.value.raw);
}

void kerberos_edata_parse(const struct reader *base, const struct kerberos *error,
                          struct kerberos_edata *out)
{
    struct der_story story = {0};
    struct der element, first = {0}, tag = {0};
    struct reader in;

    memset(out, 0, sizeof(*out));
    if (!error->e_data.set)
        return;
    out->set = true;
    out->kind = EDATA_OTHER;
    if (!take_only(base, error->e_data.raw, &element) ||
        !der_is(&element, DER_UNIVERSAL, DER_SEQUENCE)) {
        out->ntstatus = kerberos_ntstatus(error->e_data.raw);
        if (out->ntstatus.set)
            out->kind = EDATA_EXT_ERROR;
        return;
    }
    in = element.in;
    der_take(&in, &story, &first);
    if (der_is(&first, DER_CONTEXT, 1)) {
        out->kind = EDATA_ERROR_DATA;
        grammar_fields(&kerberos_error_data_grammar, &element.in, &out->story, out);
        if (out->type.set && out->type.value == ERROR_DATA_EXTENDED)
            out->ntstatus = kerberos_ntstatus(out->value.raw);
        return;
    }
    if (!kerberos_list(base, error->e_data.raw, &out->list))
        return;
    in = first.in;
    der_take(&in, &story, &tag);
    out->kind = der_is(&tag, DER_CONTEXT, 0) ? EDATA_TYPED_DATA : EDATA_METHOD_DATA;
    if (out->kind == EDATA_METHOD_DATA)
        find_ntstatus(out);
}

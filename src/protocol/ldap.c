/* SPDX-License-Identifier: MIT */
#include "protocol/ldap.h"

enum {
    SIMPLE = 0, /* AuthenticationChoice, RFC 4511 4.2 */
    SASL = 3,
    SICILY_NEGOTIATE = 10, /* [MS-ADTS] 5.1.1.1.3 */
    SICILY_RESPONSE = 11,
    SASL_CREDS = 7,     /* serverSaslCreds of the response */
    OPERATION_MOST = 25 /* highest application tag: intermediateResponse */
};

/* A length in at most four octets (BER, X.690 8.1.3); false when it is none, or not all there. */
static bool take_length(struct reader *in, size_t *out)
{
    uint8_t first = reader_u8(in);
    unsigned octets = first & 0x7F;

    *out = first;
    if (first < 0x80)
        return reader_ok(in);
    if (octets == 0 || octets > 4)
        reader_fail(in, FAULT_MALFORMED, "no definite length of an LDAP message");
    for (*out = 0; octets > 0 && reader_ok(in); octets--)
        *out = *out << 8 | reader_u8(in);
    return reader_ok(in);
}

enum ldap_frame ldap_take_frame(struct bytes first, size_t *out_len, uint32_t *out_op)
{
    struct reader in;
    size_t len = 0, id_len, start, head;
    uint8_t op;

    reader_init(&in, first, true);
    if (reader_u8(&in) != 0x30 && reader_ok(&in))
        return LDAP_FRAME_NONE;
    take_length(&in, &len);
    start = in.at;
    if (reader_u8(&in) != DER_INTEGER && reader_ok(&in))
        return LDAP_FRAME_NONE;
    if (take_length(&in, &id_len) && (id_len == 0 || id_len > 5))
        return LDAP_FRAME_NONE;
    reader_skip(&in, id_len);
    head = in.at;
    op = reader_u8(&in);
    if (!reader_ok(&in))
        return in.fault == FAULT_NEEDS_MORE ? LDAP_FRAME_MORE : LDAP_FRAME_NONE;
    if ((op & 0xC0) != 0x40 || (op & 0x1F) > OPERATION_MOST || len < head - start + 1)
        return LDAP_FRAME_NONE;
    *out_op = op & 0x1F;
    return size_add(start, len, out_len) ? LDAP_FRAME_MESSAGE : LDAP_FRAME_NONE;
}

static struct bytes octets(const struct der *der, struct der_story *story)
{
    return der_string(der, story).raw;
}

/* mechanism and credentials, 4.2 */
static void take_sasl(struct der *sasl, struct ldap_message *out)
{
    struct der item;

    out->how = "SASL";
    if (!der_take(&sasl->in, &out->story, &item))
        return;
    out->mechanism = octets(&item, &out->story);
    if (der_take(&sasl->in, &out->story, &item))
        out->token = octets(&item, &out->story);
}

static void take_request(struct der *op, struct ldap_message *out)
{
    struct der version, name, choice;

    if (!der_take(&op->in, &out->story, &version) || !der_take(&op->in, &out->story, &name))
        return;
    out->dn = octets(&name, &out->story);
    if (!der_take(&op->in, &out->story, &choice) || choice.class != DER_CONTEXT)
        return;
    if (choice.tag == SASL)
        take_sasl(&choice, out);
    else if (choice.tag == SIMPLE)
        out->how = "simple";
    else if (choice.tag == SICILY_NEGOTIATE || choice.tag == SICILY_RESPONSE)
        out->how = "NTLM";
    if (choice.tag == SICILY_NEGOTIATE || choice.tag == SICILY_RESPONSE)
        out->token = octets(&choice, &out->story);
}

/* LDAPResult (4.1.9) and serverSaslCreds */
static void take_response(struct der *op, struct ldap_message *out)
{
    struct der item;

    if (!der_take(&op->in, &out->story, &item))
        return;
    out->result = der_integer(&item, &out->story);
    if (!der_take(&op->in, &out->story, &item) || !der_take(&op->in, &out->story, &item))
        return;
    out->diagnostic = octets(&item, &out->story);
    while (der_take(&op->in, &out->story, &item))
        if (der_is(&item, DER_CONTEXT, SASL_CREDS))
            out->token = octets(&item, &out->story);
}

bool ldap_parse(struct reader *in, struct ldap_message *out)
{
    struct der message, id, op;

    memset(out, 0, sizeof(*out));
    if (!der_take(in, &out->story, &message) || !der_take(&message.in, &out->story, &id) ||
        !der_take(&message.in, &out->story, &op) || op.class != DER_APPLICATION)
        return false;
    out->message_id = der_integer(&id, &out->story).value;
    out->op = op.tag;
    if (op.tag == LDAP_BIND_REQUEST)
        take_request(&op, out);
    else if (op.tag == LDAP_BIND_RESPONSE)
        take_response(&op, out);
    else
        return false;
    return true;
}

const char *ldap_result_name(int64_t code)
{
    static const struct {
        int64_t code;
        const char *name;
    } names[] = {/* RFC 4511, appendix A.2 */
                 {0, "success"},
                 {1, "operationsError"},
                 {2, "protocolError"},
                 {7, "authMethodNotSupported"},
                 {8, "strongerAuthRequired"},
                 {13, "confidentialityRequired"},
                 {14, "saslBindInProgress"},
                 {48, "inappropriateAuthentication"},
                 {49, "invalidCredentials"},
                 {50, "insufficientAccessRights"},
                 {51, "busy"},
                 {52, "unavailable"},
                 {53, "unwillingToPerform"},
                 {80, "other"}};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].code == code)
            return names[i].name;
    return NULL;
}

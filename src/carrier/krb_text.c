/* SPDX-License-Identifier: MIT */
#include "carrier/krb_text.h"

#include "asn1/mit.h"

const char *krb_name_text(struct arena *arena, const struct kerberos_name *name)
{
    struct reader in = name->parts.in;
    size_t len = 0, num = 0;
    struct bytes part;
    uint8_t *joined;

    while (kerberos_part_take(&in, &part)) {
        len += part.len + (num > 0);
        num++;
    }
    joined = arena_take(arena, len + 1, 1);
    in = name->parts.in;
    for (len = 0, num = 0; kerberos_part_take(&in, &part); num++) {
        if (num > 0)
            joined[len++] = '/';
        if (part.len > 0)
            memcpy(joined + len, part.at, part.len);
        len += part.len;
    }
    return arena_text(arena, (struct bytes){joined, len});
}

const char *krb_principal_text(struct arena *arena, const struct kerberos_name *name,
                               struct der_bytes realm)
{
    const char *text = name->set ? krb_name_text(arena, name) : "";

    return realm.set ? arena_print(arena, "%s@%s", text, arena_text(arena, realm.raw)) : text;
}

/* Fields of a KRB-ERROR by context tag. */
static const char *const error_fields[] = {"pvno",  "msg-type",   "ctime",  "cusec", "stime",
                                           "susec", "error-code", "crealm", "cname", "realm",
                                           "sname", "e-text",     "e-data"};

static const struct {
    unsigned odd;
    const char *text;
} oddities[] = {
    {DER_ODD_INDEFINITE, "BER with indefinite length"},
    {DER_ODD_LONG_LENGTH, "a length longer than needed"},
    {DER_ODD_LONG_TAG, "a tag longer than needed"},
    {DER_ODD_LONG_INTEGER, "an integer longer than needed"},
    {DER_ODD_STRING_TYPE, "another string type than the grammar's"},
    {DER_ODD_TRAILING, "bytes behind the end of a value"},
    {DER_ODD_TIME, "an unusual form of time"},
    {DER_ODD_EXTENSION, "a field that the grammar does not know"},
};

static const char *add(struct arena *arena, const char *so_far, const char *more)
{
    return *so_far == '\0' ? more : arena_print(arena, "%s; %s", so_far, more);
}

static const char *salvaged_text(struct arena *arena, uint32_t salvaged)
{
    const char *out = "";
    size_t i;

    for (i = 0; i < sizeof(error_fields) / sizeof(error_fields[0]); i++)
        if ((salvaged & 1u << i) != 0)
            out =
                *out == '\0' ? error_fields[i] : arena_print(arena, "%s, %s", out, error_fields[i]);
    return arena_print(arena, "salvaged: %s", out);
}

/* NULL when MIT krb5 agrees, or is not asked: most messages are sound, and asking costs time. */
static const char *opinion(struct arena *arena, const struct kerberos *message, struct bytes raw)
{
    const struct der_story *story = &message->story;
    const char *what;

    if (story->fault == FAULT_NEEDS_MORE ||
        (message->msg_type != KRB_ERROR && message->msg_type != KRB_AP_REQ &&
         story->fault == FAULT_NONE && story->odd == 0))
        return NULL;
    switch (mit_confirm(message, raw, &what)) {
    case MIT_REFUSES:
        return arena_print(arena, "MIT krb5 refuses it: %s", what);
    case MIT_DISAGREES:
        return arena_print(arena, "MIT krb5 reads another %s", what);
    default:
        return NULL;
    }
}

const char *krb_note(struct arena *arena, const struct kerberos *message, struct bytes raw)
{
    const struct der_story *story = &message->story;
    const char *out = "", *theirs = opinion(arena, message, raw);
    size_t i;

    if (story->fault != FAULT_NONE) {
        size_t at = story->fault_at >= message->start ? story->fault_at - message->start : 0;
        const char *field = story->field == NULL ? "" : arena_print(arena, " (%s)", story->field);

        out = arena_print(arena, "%s at offset %zu of the message%s: %s", fault_name(story->fault),
                          at, field, story->fault_what);
    }
    if (message->salvaged.tags != 0)
        out = add(arena, out, salvaged_text(arena, message->salvaged.tags));
    for (i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++)
        if (story->fault != FAULT_MALFORMED && (story->odd & oddities[i].odd) != 0)
            out = add(arena, out, oddities[i].text);
    if (theirs != NULL)
        out = add(arena, out, theirs);
    return *out == '\0' ? NULL : out;
}

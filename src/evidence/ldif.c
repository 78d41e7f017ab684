/* SPDX-License-Identifier: MIT */
/* LDIF, RFC 2849, as ldifde, ldapsearch and ldbsearch write it and people paste it: indented, with
 * empty lines lost or added, cut anywhere. A record ends at the next dn, not at an empty line. */
#include "base/base64.h"
#include "base/limits.h"
#include "evidence/kind.h"

/* The object being read. Texts live in the document's scratch. */
struct object {
    struct account account;
    int64_t line;      /* of its dn; 0: none yet */
    bool gone;         /* changetype: delete, or a rename: nothing is said of attributes */
    const char **spns; /* LIMIT_EVIDENCE_ITEMS at most */
    size_t num_spns, room_spns;
    const char **classes;
    size_t num_classes, room_classes;
    const char **delegates;
    size_t num_delegates, room_delegates;
    bool deleting; /* inside "delete: attribute" of a modify */
};

static void put_item(const struct document *document, const char ***list, size_t *num, size_t *room,
                     const char *item)
{
    const char **grown;

    if (item == NULL)
        return;
    if (*num == LIMIT_EVIDENCE_ITEMS) {
        document_problem(document, 0, "limit-values",
                         "an object has too many values; the later ones are left out");
        return;
    }
    if (*num == *room) {
        *room = *room == 0 ? 8 : *room * 2;
        grown = arena_take(document->scratch, *room, sizeof(*grown));
        if (*num > 0)
            memcpy(grown, *list, *num * sizeof(*grown));
        *list = grown;
    }
    (*list)[(*num)++] = item;
}

static void end_object(const struct document *document, struct object *object)
{
    struct account *a = &object->account;

    a->spns.at = object->spns;
    a->spns.num = object->num_spns;
    a->object_classes.at = object->classes;
    a->object_classes.num = object->num_classes;
    a->delegates_to.at = object->delegates;
    a->delegates_to.num = object->num_delegates;
    if (object->line > 0 && !object->gone &&
        (a->account != NULL || a->upn != NULL || a->spns.num > 0 || a->etypes.set || a->kvno.set))
        document_fact(document, KIND_account, object->line, a);
    memset(object, 0, sizeof(*object));
}

/* ---- Attributes ---- */

static void put_number(const struct document *document, int64_t line, struct optint *out,
                       const char *value)
{
    int64_t number;

    if (value != NULL && span_int(span_trim(bytes_of_text(value)), &number))
        *out = optint(number);
    else
        document_problem(document, line, "ldif-number", "the value of this attribute is no number");
}

static void put_change(struct object *object, const char *value)
{
    struct bytes v = bytes_of_text(value == NULL ? "" : value);

    object->gone =
        span_is_nocase(v, "delete") || span_is_nocase(v, "modrdn") || span_is_nocase(v, "moddn");
    object->account.change = span_is_nocase(v, "add") || value == NULL ? NULL : value;
}

enum attribute {
    ATTRIBUTE_OTHER,
    CHANGETYPE,
    CHANGE, /* add, replace, delete: only inside changetype: modify */
    ACCOUNT_NAME,
    UPN,
    SPN,
    DELEGATES,
    OBJECT_CLASS,
    DNS_NAME,
    ETYPES,
    KVNO,
    UAC,
    PWD_LAST_SET,
    DISTINGUISHED_NAME
};

static enum attribute attribute_of(struct bytes name)
{
    static const struct {
        const char *name;
        enum attribute attribute;
    } names[] = {
        {"changetype", CHANGETYPE},
        {"add", CHANGE},
        {"replace", CHANGE},
        {"delete", CHANGE},
        {"sAMAccountName", ACCOUNT_NAME},
        {"userPrincipalName", UPN},
        {"servicePrincipalName", SPN},
        {"msDS-AllowedToDelegateTo", DELEGATES},
        {"objectClass", OBJECT_CLASS},
        {"dNSHostName", DNS_NAME},
        {"msDS-SupportedEncryptionTypes", ETYPES},
        {"msDS-KeyVersionNumber", KVNO},
        {"userAccountControl", UAC},
        {"pwdLastSet", PWD_LAST_SET},
        {"distinguishedName", DISTINGUISHED_NAME},
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (span_is_nocase(name, names[i].name))
            return names[i].attribute;
    return ATTRIBUTE_OTHER;
}

static void put_attribute(const struct document *document, struct object *object, int64_t line,
                          enum attribute attribute, const char *value)
{
    struct account *a = &object->account;

    switch (attribute) {
    case ATTRIBUTE_OTHER:
    case CHANGE:
        break;
    case CHANGETYPE:
        put_change(object, value);
        break;
    case ACCOUNT_NAME:
        a->account = value;
        break;
    case UPN:
        a->upn = value;
        break;
    case SPN:
        put_item(document, &object->spns, &object->num_spns, &object->room_spns, value);
        break;
    case DELEGATES:
        put_item(document, &object->delegates, &object->num_delegates, &object->room_delegates,
                 value);
        break;
    case OBJECT_CLASS:
        put_item(document, &object->classes, &object->num_classes, &object->room_classes, value);
        break;
    case DNS_NAME:
        a->dns_name = value;
        break;
    case ETYPES:
        put_number(document, line, &a->etypes, value);
        break;
    case KVNO:
        put_number(document, line, &a->kvno, value);
        break;
    case UAC:
        put_number(document, line, &a->uac, value);
        break;
    case PWD_LAST_SET:
        put_number(document, line, &a->pwd_last_set, value);
        break;
    case DISTINGUISHED_NAME:
        if (a->dn == NULL)
            a->dn = value;
        break;
    }
}

/* ---- Lines ---- */

/* "name: value", "name:: base64", "name:< url". False when the line is none of these. */
struct parsed {
    struct bytes name, value;
    bool base64, url;
};

static bool parse_line(struct bytes text, struct parsed *out)
{
    size_t len = 0, end;

    while (len < text.len && (span_alnum(text.at[len]) || span_among(text.at[len], "-.;=_")))
        len++;
    if (len == 0 || len == text.len || text.at[len] != ':')
        return false;
    end = span_find(span_to(text, len), ";"); /* options, such as range=0-1499 */
    out->name = span_to(text, size_min(end, len));
    text = span_from(text, len + 1);
    out->base64 = span_starts(text, ":");
    out->url = span_starts(text, "<");
    out->value = span_trim(span_from(text, out->base64 || out->url));
    return true;
}

/* Whether this is the rest of the line before it: RFC 2849 folds with one blank, a paste may have
 * indented all of it. */
static bool is_folded(const struct line *line, size_t indent)
{
    return line->text.len > 0 && line->indent == indent + 1;
}

/* An editor or a mail program padded the line: two blanks and more at its end are not the value's.
 */
static struct bytes without_padding(struct bytes s)
{
    struct bytes bare = span_trim_end(s);

    return s.len - bare.len > 1 ? bare : s;
}

/* The whole logical line that begins with `line`. */
static struct bytes unfold(const struct document *document, struct cursor *cursor,
                           const struct line *line)
{
    struct cursor ahead = *cursor;
    struct bytes whole = line->text;
    struct text joined = {0};
    struct line next;
    size_t trimmed = (size_t)(line->raw.at + line->raw.len - line->text.at);

    if (!cursor_take(&ahead, &next) || !is_folded(&next, line->indent))
        return whole;
    whole.len = trimmed; /* a blank at the end of a piece is part of the value */
    text_put_bytes(&joined, without_padding(whole));
    do {
        text_put_bytes(&joined,
                       without_padding(span(next.text.at,
                                            (size_t)(next.raw.at + next.raw.len - next.text.at))));
        *cursor = ahead;
    } while (cursor_take(&ahead, &next) && is_folded(&next, line->indent));
    whole = arena_bytes(document->scratch, span((const uint8_t *)joined.at, joined.len));
    text_clear(&joined);
    return span_trim(whole);
}

static const char *value_of(const struct document *document, const struct parsed *parsed,
                            int64_t line)
{
    struct bytes decoded;

    if (parsed->url)
        return NULL;
    if (!parsed->base64)
        return document_text(document, parsed->value);
    if (!base64_decode(document->scratch, parsed->value, &decoded)) {
        document_problem(document, line, "ldif-base64", "this value is no whole base64");
        return NULL;
    }
    return document_text(document, decoded);
}

static bool is_dn_line(struct bytes text)
{
    return (span_starts_nocase(text, "dn: ") || span_starts_nocase(text, "dn:: ")) && text.len > 5;
}

/* Lines that end what is known of an object without beginning another. */
static bool is_end(struct bytes text)
{
    return span_starts(text, "search: ") || span_starts(text, "result: ") ||
           span_starts(text, "ref: ");
}

/* A line that says something of an account, in the shape it must have: what is left where a paste
 * lost the dn. */
static bool begins_object(struct bytes text)
{
    struct parsed parsed;

    if (is_dn_line(text))
        return true;
    if (!parse_line(text, &parsed) || parsed.value.len == 0)
        return false;
    switch (attribute_of(parsed.name)) {
    case ACCOUNT_NAME:
        return !span_has(parsed.value, " ");
    case UPN:
        return parsed.base64 || span_has(parsed.value, "@");
    case SPN:
        return parsed.base64 || looks_like_spn(parsed.value);
    case ETYPES:
    case KVNO:
        return span_digit(parsed.value.at[0]);
    case DISTINGUISHED_NAME:
        return parsed.base64 || looks_like_dn(parsed.value);
    default:
        return false;
    }
}

static void take_line(const struct document *document, struct cursor *cursor,
                      const struct line *line, struct object *object)
{
    enum attribute attribute;
    struct parsed parsed;
    struct bytes whole;

    if (line->text.len == 0 && object->line > 0 && object->account.dn == NULL)
        end_object(document, object); /* without dn an empty line is all that ends it */
    if (line->text.len == 0 || line->text.at[0] == '#')
        return;
    if (is_dn_line(line->text) || is_end(line->text))
        end_object(document, object);
    if (is_end(line->text) || (object->line == 0 && !begins_object(line->text)))
        return;
    if (object->line == 0)
        object->line = line->number;
    whole = unfold(document, cursor, line);
    if (span_is(whole, "-")) {
        object->deleting = false;
    } else if (!parse_line(whole, &parsed)) {
        if (!span_starts(whole, "..") && looks_like_dn(whole))
            document_problem(document, line->number, "ldif-line", "a line without attribute name");
    } else if (is_dn_line(line->text)) {
        object->account.dn = value_of(document, &parsed, line->number);
    } else if ((attribute = attribute_of(parsed.name)) == CHANGE &&
               object->account.change != NULL) {
        object->deleting = span_is_nocase(parsed.name, "delete");
    } else if (attribute != ATTRIBUTE_OTHER && !object->deleting) {
        put_attribute(document, object, line->number, attribute,
                      value_of(document, &parsed, line->number));
    }
}

static void read_ldif(const struct document *document)
{
    struct object object = {0};
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        take_line(document, &cursor, &line, &object);
    end_object(document, &object);
}

static int score_ldif(const struct document *document)
{
    struct cursor cursor;
    struct line line, next;
    struct parsed parsed;
    int best = SCORE_NONE;
    size_t bare = 0;

    cursor_init(&cursor, document);
    while (best < SCORE_SURE && cursor_take(&cursor, &line)) {
        int score = SCORE_NONE;

        if (is_dn_line(line.text)) {
            score = span_has(line.text, "=") || span_starts_nocase(line.text, "dn:: ") ? 60
                                                                                       : SCORE_NONE;
            if (score > SCORE_NONE && cursor_peek(&cursor, &next) &&
                (is_folded(&next, line.indent) || parse_line(next.text, &parsed)))
                score += 35;
        } else if (begins_object(line.text) && ++bare >= 2)
            score = 60;
        best = score > best ? score : best;
    }
    return best;
}

const struct evidence_kind evidence_ldif = {"ldif", score_ldif, read_ldif};

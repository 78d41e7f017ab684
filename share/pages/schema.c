/* SPDX-License-Identifier: MIT */
/* krbwhy-json(5): the JSON schema as a person reads it. The schema is the project's own: keywords
 * that it does not use are not known here. */
#include <string.h>

#include "pages.h"
#include "report/jsonc.h"

static struct jsonc_object *member(struct jsonc_object *from, const char *name)
{
    struct jsonc_object *found = NULL;

    return json_object_object_get_ex(from, name, &found) ? found : NULL;
}

static const char *string(struct jsonc_object *from, const char *name)
{
    struct jsonc_object *found = member(from, name);

    return found != NULL ? json_object_get_string(found) : NULL;
}

/* The i-th of `num` alternatives: "a", "b" or "c". */
static void put_between(struct text *out, size_t i, size_t num)
{
    if (i > 0)
        text_put(out, i + 1 == num ? " or " : ", ");
}

static void put_type(struct text *out, struct jsonc_object *node);

static void put_types(struct text *out, struct jsonc_object *list)
{
    size_t i, num = json_object_array_length(list);

    for (i = 0; i < num; i++) {
        put_between(out, i, num);
        put_type(out, json_object_array_get_idx(list, i));
    }
}

static void put_values(struct text *out, struct jsonc_object *list)
{
    size_t i, num = json_object_array_length(list);

    for (i = 0; i < num; i++) {
        struct jsonc_object *value = json_object_array_get_idx(list, i);

        put_between(out, i, num);
        text_put(out, value != NULL ? json_object_get_string(value) : "null");
    }
}

/* "string or null", "array of statement", "kdc, acceptor or null". */
static void put_type(struct text *out, struct jsonc_object *node)
{
    struct jsonc_object *type = member(node, "type");
    const char *reference = string(node, "$ref");

    if (reference != NULL)
        text_put(out, strrchr(reference, '/') + 1);
    else if (string(node, "const") != NULL)
        text_put(out, string(node, "const"));
    else if (member(node, "enum") != NULL)
        put_values(out, member(node, "enum"));
    else if (member(node, "anyOf") != NULL)
        put_types(out, member(node, "anyOf"));
    else if (type != NULL && json_object_is_type(type, json_type_array))
        put_values(out, type);
    else if (type != NULL)
        text_put(out, json_object_get_string(type));
    if (member(node, "items") != NULL) {
        text_put(out, " of ");
        put_type(out, member(node, "items"));
    }
}

/* The object that stands inside `node` itself: in its items or alternatives too. NULL when none
 * does. */
static struct jsonc_object *inner(struct jsonc_object *node)
{
    struct jsonc_object *any = member(node, "anyOf"), *found = NULL;
    size_t i;

    if (member(node, "properties") != NULL)
        return node;
    if (member(node, "items") != NULL)
        return inner(member(node, "items"));
    for (i = 0; any != NULL && found == NULL && i < json_object_array_length(any); i++)
        found = inner(json_object_array_get_idx(any, i));
    return found;
}

static void put_members(struct text *out, struct jsonc_object *object)
{
    struct jsonc_object *properties = member(object, "properties");
    struct json_object_iterator at = json_object_iter_begin(properties);
    struct json_object_iterator end = json_object_iter_end(properties);

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        struct jsonc_object *node = json_object_iter_peek_value(&at);
        const char *about = string(node, "description");
        struct text type = {0};

        put_type(&type, node);
        roff_macro(out, "TP", NULL);
        text_put(out, "\\fB");
        roff_put(out, json_object_iter_peek_name(&at));
        text_put(out, "\\fR (");
        roff_put(out, text_str(&type));
        text_put(out, ")\n");
        roff_fill(out, about != NULL ? about : "");
        if (inner(node) != NULL) {
            roff_macro(out, "RS", NULL);
            put_members(out, inner(node));
            roff_macro(out, "RE", NULL);
        }
        text_clear(&type);
    }
}

static void put_definitions(struct text *out, struct jsonc_object *schema)
{
    struct jsonc_object *definitions = member(schema, "$defs");
    struct json_object_iterator at = json_object_iter_begin(definitions);
    struct json_object_iterator end = json_object_iter_end(definitions);

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        struct jsonc_object *node = json_object_iter_peek_value(&at);
        const char *about = string(node, "description");
        struct text line = {0};

        roff_macro(out, "SS", json_object_iter_peek_name(&at));
        if (about != NULL)
            text_put(&line, about);
        if (inner(node) == NULL) {
            text_put(&line, about != NULL ? " (" : "(");
            put_type(&line, node);
            text_put(&line, ")");
        }
        text_put(&line, inner(node) != NULL ? ":" : ".");
        roff_fill(out, text_str(&line));
        if (inner(node) != NULL)
            put_members(out, inner(node));
        text_clear(&line);
    }
}

static void put_example(struct text *out, const char *about, const char *command)
{
    text_put(out, ".PP\n");
    roff_fill(out, about);
    text_put(out, ".PP\n.RS 4\n.nf\n");
    roff_line(out, command, false);
    text_put(out, ".fi\n.RE\n");
}

static void put_events(struct text *out)
{
    text_put(out, ".SH EVENTS\n");
    roff_fill(out,
              "krbwhy --events prints something else: the decoded messages themselves, one object "
              "a line, in the order "
              "of the frames. Each has event (krb, dns, http, gss, ntlm, tls and others), capture, "
              "frame, time, src, "
              "sport, dst, dport and carrier, and the members of its kind; a damaged one has "
              "damaged (incomplete, "
              "after-gap or malformed). For evidence files it prints their facts, each with file "
              "and line. Members "
              "may be added.");
}

static void put_examples(struct text *out)
{
    text_put(out, ".SH EXAMPLES\n");
    roff_fill(out, "With jq(1):");
    put_example(out, "One line for each finding that does not only inform:",
                "krbwhy -f json site.pcapng | jq -r '.findings[] | select(.confidence) | "
                "[.cause, .confidence, .title] | @tsv'");
    put_example(out, "The commands that repair it:",
                "krbwhy -f json site.pcapng | jq -r '.findings[].remedies[].command // empty'");
    put_example(out, "Which causes, over many captures:",
                "krbwhy -f ndjson incidents/ | jq -r '.findings[].cause' | sort | uniq -c");
}

bool page_json(struct text *out, const char *date, const char *path)
{
    struct jsonc_object *schema = json_object_from_file(path);

    if (schema == NULL)
        return false;
    text_put(
        out,
        ".\\\" SPDX-License-Identifier: MIT\n.\\\" Made from the JSON schema; not to be edited.\n");
    text_putf(out, ".TH KRBWHY-JSON 5 \"%s\" \"krbwhy " KRBWHY_VERSION "\" \"File Formats\"\n",
              date);
    text_put(
        out,
        ".nh\n.ad l\n.SH NAME\nkrbwhy-json \\- the JSON that krbwhy writes\n.SH DESCRIPTION\n");
    roff_fill(out, string(schema, "description"));
    text_put(out, ".PP\n");
    roff_fill(out,
              "Every member is always there; what is not known is null, never invented. The same "
              "input gives the "
              "same octets, whatever the number of workers, the locale or the time zone. All is "
              "UTF-8; an octet of "
              "a name that is none is U+FFFD. Frames count from 1, as in Wireshark. Names come "
              "from captures: whoever "
              "shows them must escape them.");
    text_put(out, ".SH DOCUMENT\n");
    put_members(out, schema);
    text_put(out, ".SH TYPES\n");
    put_definitions(out, schema);
    put_events(out);
    put_examples(out);
    text_put(out, ".SH FILES\n.TP\n");
    roff_line(out, "PREFIX/share/doc/krbwhy/krbwhy-1.schema.json", true);
    roff_fill(out, "The JSON schema (draft 2020-12) that this page is made of.");
    text_put(out, ".SH SEE ALSO\n.BR krbwhy (1)\n");
    json_object_put(schema);
    return true;
}

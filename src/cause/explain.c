/* SPDX-License-Identifier: MIT */
#include "cause/explain.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "asn1/names.h"
#include "cause/cause.h"
#include "cause/errors.h"
#include "cause/spn_rule.h"
#include "cause/symptoms.h"

enum { COLUMNS = 78, LABEL = 12 };

/* Words of `str`, broken into lines; the first begins at column `at`, the others are indented. */
static void put_wrapped(struct text *out, const char *str, size_t at, size_t indent)
{
    size_t column = at;
    bool first = true; /* word of its line */

    for (; *str != '\0'; first = false) {
        size_t len = strcspn(str, " ");

        if (!first && column + 1 + len > COLUMNS) {
            text_putf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            text_put_char(out, ' ');
            column++;
        }
        text_put_bytes(out, (struct bytes){(const uint8_t *)str, len});
        column += len;
        str += len;
        str += strspn(str, " ");
    }
    text_put_char(out, '\n');
}

static void put_paragraph(struct text *out, const char *label, const char *str)
{
    if (str == NULL || str[0] == '\0')
        return;
    text_putf(out, "%-*s", LABEL, label);
    put_wrapped(out, str, LABEL, LABEL);
}

static void put_cause(struct text *out, const struct cause *cause)
{
    text_putf(out, "%s\n", cause->id);
    put_wrapped(out, cause->title, 0, 0);
    text_put_char(out, '\n');
    put_paragraph(out, "Shows", cause->shows);
    put_paragraph(out, "Against it", cause->against);
    put_paragraph(out, "Settled by", cause->settled_by);
    put_paragraph(out, "Repair", cause->fix);
    put_paragraph(out, "Reference", cause->reference);
}

/* The causes of a list of ids, one line each. */
static void put_causes(struct text *out, const char *ids)
{
    bool first = true;

    while (*ids != '\0') {
        size_t len = strcspn(ids, ",");
        size_t i;

        for (i = 0; causes[i] != NULL; i++)
            if (strlen(causes[i]->id) == len && memcmp(causes[i]->id, ids, len) == 0) {
                if (first)
                    text_put(out, "\nCauses to think of (krbwhy --explain CAUSE):\n");
                first = false;
                text_putf(out, "  %-24s", causes[i]->id);
                put_wrapped(out, causes[i]->title, 26, 28);
            }
        ids += len;
        ids += *ids == ',';
    }
}

static const char *causes_of(int64_t code)
{
    switch (code) {
    case 7:
    case 8:
        return "ntlm-fallback,duplicate-spn,cname-spn,suffix-search,port-in-spn,kdc-error";
    case 14:
        return "etype-mismatch,kdc-error";
    case 24:
        return "stale-service-password,stale-machine-account,kdc-error";
    case 31:
        return "stale-machine-account,stale-service-password,keytab-salt,altered-in-transit,"
               "spn-wrong-account,stale-ticket";
    case 32:
    case 33:
        return "ticket-expired,clock-skew";
    case 35:
    case 45:
        return "spn-wrong-account,cname-spn,duplicate-spn,http-shadows-host,upn-shadows-spn,"
               "wrong-host,rdns-spn,port-in-spn,suffix-search,same-name-two-domains";
    case 37:
        return "clock-skew";
    case 41:
    case 36:
        return "cname-spn,spn-wrong-account,duplicate-spn,http-shadows-host,upn-shadows-spn,"
               "wrong-host,farm-member,stale-service-password,stale-machine-account,stale-ticket,"
               "replication-lag,etype-mismatch,rdns-spn,same-name-two-domains,altered-in-transit,"
               "client-local";
    case 44:
        return "stale-machine-account,stale-service-password,stale-ticket,replication-lag,"
               "etype-mismatch,linux-rotation";
    default:
        return "";
    }
}

static bool put_error(struct text *out, int64_t code)
{
    const struct error_text *error = error_find(code);
    const char *name = krb_error_name(code);

    if (error == NULL && name == NULL)
        return false;
    text_putf(out, "Kerberos error %lld (0x%llX), %s\n\n", (long long)code, (long long)code,
              name != NULL ? name : "without a name");
    if (error != NULL) {
        put_paragraph(out, "Means", error->means);
        put_paragraph(out, "Next", error->next);
        put_paragraph(out, "Command", error->command);
    }
    put_causes(out, causes_of(code));
    return true;
}

static void put_symptom(struct text *out, const struct symptom *symptom)
{
    if (symptom->number != 0)
        text_putf(out, "%s, %lu (0x%lX, %ld)\n\n", symptom->name, (unsigned long)symptom->number,
                  (unsigned long)symptom->number, (long)(int32_t)symptom->number);
    else
        text_putf(out, "\"%s\"\n\n", symptom->name);
    put_paragraph(out, "Means", symptom->means);
    put_causes(out, symptom->causes);
}

static void put_rule(struct text *out, const struct spn_rule *rule)
{
    text_putf(out, "Which name %s put%s in the SPN\n\n", rule->client,
              strstr(rule->client, " and ") != NULL || strstr(rule->client, "clients") != NULL
                  ? ""
                  : "s");
    put_paragraph(out, "By default", rule->names);
    put_paragraph(out, "Changed by", rule->option);
}

static const struct spn_rule *find_rule(const char *argument)
{
    const struct spn_rule *rule;

    for (rule = spn_rules; rule->id != NULL; rule++)
        if (strcasecmp(rule->id, argument) == 0 || strcasecmp(rule->client, argument) == 0)
            return rule;
    if (strcasecmp(argument, "edge") == 0)
        return spn_rule_find("Edg/");
    if (strcasecmp(argument, ".net") == 0)
        return spn_rule_find(".NET");
    return NULL;
}

/* "41", "0x29", "-2146893022", "0x80090322": the low 32 bits. */
static bool number_of(const char *argument, int64_t *out)
{
    bool hex = strncasecmp(argument, "0x", 2) == 0;
    char *end;
    long long value;

    if (!hex && !isdigit((unsigned char)argument[argument[0] == '-']))
        return false;
    errno = 0;
    value = strtoll(argument, &end, hex ? 16 : 10);
    if (errno != 0 || *end != '\0' || end == argument || value > UINT32_MAX || value < INT32_MIN)
        return false;
    *out = (int64_t)(uint32_t)value;
    return true;
}

static bool mark_in(const char *marks, const char *wanted, size_t wanted_len)
{
    while (*marks != '\0') {
        size_t len = strcspn(marks, "|"), i;

        /* The message may be part of what was typed, or the other way round. */
        for (i = 0; wanted_len >= len && i + len <= wanted_len; i++)
            if (strncasecmp(wanted + i, marks, len) == 0)
                return true;
        for (i = 0; wanted_len >= 8 && len >= wanted_len && i + wanted_len <= len; i++)
            if (strncasecmp(marks + i, wanted, wanted_len) == 0)
                return true;
        marks += len;
        marks += *marks == '|';
    }
    return false;
}

static const struct symptom *find_symptom(const char *argument, bool is_number, int64_t number)
{
    const struct symptom *symptom;
    size_t len = strlen(argument);

    for (symptom = symptoms; symptom->name != NULL; symptom++)
        if (is_number ? symptom->number != 0 && symptom->number == (uint32_t)number
                      : strcasecmp(symptom->name, argument) == 0)
            return symptom;
    for (symptom = symptoms; !is_number && len <= 4096 && symptom->name != NULL; symptom++)
        if (mark_in(symptom->marks, argument, len))
            return symptom;
    return NULL;
}

static void put_list(struct text *out)
{
    const struct symptom *symptom;
    const struct spn_rule *rule;
    size_t i;

    text_put(out, "Causes\n");
    for (i = 0; causes[i] != NULL; i++) {
        text_putf(out, "  %-24s", causes[i]->id);
        put_wrapped(out, causes[i]->title, 26, 28);
    }
    text_put(out, "\nErrors: any Kerberos error by number or name, and\n");
    for (symptom = symptoms; symptom->name != NULL; symptom++)
        text_putf(out, "  %s\n", symptom->name);
    text_put(out, "\nClients: which name they put in the SPN\n");
    for (rule = spn_rules; rule->id != NULL; rule++)
        text_putf(out, "  %-10s %s\n", rule->id, rule->client);
}

bool explain(struct text *out, const char *argument)
{
    const struct cause *cause = cause_find(argument);
    const struct spn_rule *rule;
    const struct symptom *symptom;
    int64_t number = 0, code;
    bool is_number;

    if (argument == NULL || argument[0] == '\0')
        return false;
    if (strcmp(argument, "list") == 0) {
        put_list(out);
        return true;
    }
    if (cause != NULL) {
        put_cause(out, cause);
        return true;
    }
    is_number = number_of(argument, &number);
    code = is_number ? number : krb_error_code(argument);
    if (code >= 0 && put_error(out, code))
        return true;
    rule = find_rule(argument);
    if (rule != NULL) {
        put_rule(out, rule);
        return true;
    }
    symptom = find_symptom(argument, is_number, number);
    if (symptom == NULL)
        return false;
    put_symptom(out, symptom);
    return true;
}

static void put_section(struct text *out, const char *label, const char *str)
{
    if (str != NULL && str[0] != '\0') {
        text_putf(out, "**%s.** ", label);
        text_put_markdown(out, str);
        text_put(out, "\n\n");
    }
}

static void put_cell(struct text *out, const char *str)
{
    text_put(out, " ");
    text_put_markdown(out, str != NULL ? str : "");
    text_put(out, " |");
}

static const char preface[] =
    "# Causes\n\n"
    "This page is made from the program's own tables (`make docs`); change those, not this.\n\n"
    "A service could not decrypt what it was sent: the KDC encrypted the ticket with the key of "
    "one "
    "account, and the service tried the key of another. Each cause below is one way in which that "
    "comes about. Every cause is judged on every failed log-on and gives one of four answers: it "
    "holds, it is refuted (with the frame that refutes it), it is undecided (with what is "
    "missing), "
    "or it does not apply.\n\n"
    "`causes/` has a page for each: symptom, what is going on, how to be sure, repair, what else "
    "it "
    "touches, undo.\n\n"
    "## Confidence\n\n"
    "* **confirmed** needs proof: a key that opens the ticket, or evidence files that leave one "
    "cause: they list the account that holds the name and the one that tried. Nothing is confirmed "
    "from the wire alone, and a key under a service's own name proves no account.\n"
    "* **likely** needs the whole chain on the wire and no other cause that still stands.\n"
    "* **possible** is the rest. `alternatives` lists every other cause that the evidence does not "
    "exclude, `missing` what would separate them.\n\n";

void explain_markdown(struct text *out)
{
    const struct spn_rule *rule;
    size_t i;

    text_put(out, preface);
    text_put(out, "## All causes\n\n| cause | in one line |\n|---|---|\n");
    for (i = 0; causes[i] != NULL; i++) {
        text_putf(out, "| [%s](causes/%s.md) |", causes[i]->id, causes[i]->id);
        put_cell(out, causes[i]->title);
        text_put_char(out, '\n');
    }
    text_put_char(out, '\n');
    for (i = 0; causes[i] != NULL; i++) {
        text_putf(out, "### %s\n\n", causes[i]->id);
        text_put_markdown(out, causes[i]->title);
        text_put(out, ".\n\n");
        put_section(out, "Shows on the wire", causes[i]->shows);
        put_section(out, "Speaks against it", causes[i]->against);
        put_section(out, "Settled by", causes[i]->settled_by);
        put_section(out, "Repair", causes[i]->fix);
        put_section(out, "Reference", causes[i]->reference);
    }
    text_put(out, "## Kerberos errors\n\n| code | name | means | next |\n|---|---|---|---|\n");
    for (i = 0; error_texts[i].code >= 0; i++) {
        text_putf(out, "| %lld |", (long long)error_texts[i].code);
        put_cell(out, krb_error_name(error_texts[i].code));
        put_cell(out, error_texts[i].means);
        put_cell(out, error_texts[i].next);
        text_put_char(out, '\n');
    }
    text_put(out, "\n## Which name a client puts in its SPN\n\n"
                  "| client | by default | changed by |\n|---|---|---|\n");
    for (rule = spn_rules; rule->id != NULL; rule++) {
        text_put(out, "|");
        put_cell(out, rule->client);
        put_cell(out, rule->names);
        put_cell(out, rule->option);
        text_put_char(out, '\n');
    }
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "asn1/names.h"
#include "cause/cause.h"
#include "cause/errors.h"
#include "cause/spn_rule.h"
#include "cause/symptoms.h"
#include "pages.h"

typedef void visit_word(void *user, const struct word *word);

static void visit_formats(visit_word *visit, void *user)
{
    const struct sink *sink;

    for (sink = report_sinks; sink->name != NULL; sink++)
        visit(user, &(struct word){sink->name, sink->about});
}

static void visit_list(const struct word *words, visit_word *visit, void *user)
{
    for (; words->word != NULL; words++)
        visit(user, words);
}

/* Everything that --explain knows by one word. */
static void visit_explained(visit_word *visit, void *user)
{
    const struct error_text *error;
    const struct symptom *symptom;
    const struct spn_rule *rule;
    struct text about = {0};
    size_t i;

    visit(user, &(struct word){"list", "all that can be asked for"});
    for (i = 0; causes[i] != NULL; i++)
        visit(user, &(struct word){causes[i]->id, causes[i]->title});
    for (error = error_texts; error->code >= 0; error++) {
        text_reset(&about);
        text_putf(&about, "Kerberos error %" PRId64, error->code);
        if (krb_error_name(error->code) != NULL)
            visit(user, &(struct word){krb_error_name(error->code), text_str(&about)});
    }
    text_clear(&about);
    for (symptom = symptoms; symptom->name != NULL; symptom++)
        if (strchr(symptom->name, ' ') == NULL)
            visit(user, &(struct word){symptom->name, "Windows error"});
    for (rule = spn_rules; rule->id != NULL; rule++)
        visit(user, &(struct word){rule->id, rule->client});
}

void words_visit(const struct option_row *row, visit_word *visit, void *user)
{
    static const struct word when[] = {
        {"auto", "on a terminal"}, {"always", NULL}, {"never", NULL}, {NULL, NULL}};
    static const struct word role[] = {{"client", "where it fails"},
                                       {"server", "that refuses"},
                                       {"dc", "domain controller"},
                                       {NULL, NULL}};

    if (row->id == OPTION_format)
        visit_formats(visit, user);
    else if (row->id == OPTION_color)
        visit_list(when, visit, user);
    else if (row->id == OPTION_collect)
        visit_list(role, visit, user);
    else if (row->id == OPTION_explain)
        visit_explained(visit, user);
}

bool words_file(const struct option_row *row)
{
    return row->argument != NULL &&
           (strcmp(row->argument, "FILE") == 0 || strcmp(row->argument, "PATH") == 0 ||
            strcmp(row->argument, "DIR") == 0);
}

bool words_repeat(const struct option_row *row)
{
    return strstr(row->about, "several times") != NULL;
}

void words_short(struct text *out, const struct option_row *row)
{
    size_t len = strcspn(row->about, ":;(");

    while (len > 0 && row->about[len - 1] == ' ')
        len--;
    text_put_bytes(out, (struct bytes){(const uint8_t *)row->about, len});
}

/* SPDX-License-Identifier: MIT */
/* krb5.conf, krb5.ini: sections in brackets, relations, groups in braces. Comments stand at the
 * start of a line only (MIT krb5 doc/admin/conf_files/krb5_conf.rst). */
#include "base/limits.h"
#include "evidence/kind.h"

enum section { SECTION_OTHER, LIBDEFAULTS, REALMS, DOMAIN_REALM };

/* "[libdefaults]" and its like; false for other lines. */
static bool section_of(struct bytes text, enum section *out)
{
    size_t end = span_find(text, "]");
    struct bytes name;

    if (text.len < 3 || text.at[0] != '[' || end == SIZE_MAX)
        return false;
    name = span_trim(span_to(span_from(text, 1), end - 1));
    *out = span_is(name, "libdefaults")    ? LIBDEFAULTS
           : span_is(name, "realms")       ? REALMS
           : span_is(name, "domain_realm") ? DOMAIN_REALM
                                           : SECTION_OTHER;
    return true;
}

static bool is_comment(struct bytes text)
{
    return text.len == 0 || text.at[0] == '#' || text.at[0] == ';';
}

static bool relation(struct bytes text, struct bytes *out_name, struct bytes *out_value)
{
    size_t equals = span_find(text, "=");

    if (equals == SIZE_MAX || equals == 0)
        return false;
    *out_name = span_trim(span_to(text, equals));
    if (span_ends(*out_name, "*")) /* final */
        out_name->len--;
    *out_value = span_trim(span_from(text, equals + 1));
    if (out_value->len >= 2 && out_value->at[0] == '"' && span_ends(*out_value, "\""))
        *out_value = span_to(span_from(*out_value, 1), out_value->len - 2);
    return true;
}

struct state {
    const struct document *document;
    enum section section;
    size_t depth; /* of braces */
    struct krb5_conf conf;
    int64_t line;
    const char *mapped[512];
    size_t num_mapped;
};

/* MIT takes the first of several values. */
static void put_default(struct state *state, struct bytes name, struct bytes value)
{
    struct krb5_conf *c = &state->conf;
    const struct {
        const char *name;
        const char **to;
    } relations[] = {
        {"default_realm", &c->default_realm},
        {"rdns", &c->rdns},
        {"dns_canonicalize_hostname", &c->dns_canonicalize_hostname},
        {"permitted_enctypes", &c->permitted_enctypes},
        {"default_tgs_enctypes", &c->default_tgs_enctypes},
        {"default_tkt_enctypes", &c->default_tkt_enctypes},
        {"qualify_shortname", &c->qualify_shortname},
        {"renew_lifetime", &c->renew_lifetime},
        {"ignore_acceptor_hostname", &c->ignore_acceptor_hostname},
    };
    size_t i;

    for (i = 0; i < sizeof(relations) / sizeof(relations[0]); i++)
        if (span_is(name, relations[i].name) && *relations[i].to == NULL)
            *relations[i].to = document_text(state->document, value);
}

static void take_line(struct state *state, const struct line *line)
{
    struct bytes name, value;
    enum section section;

    if (is_comment(line->text))
        return;
    if (section_of(line->text, &section)) {
        state->section = section;
        state->depth = 0;
        if (state->line == 0)
            state->line = line->number;
        return;
    }
    if (state->line == 0)
        return;
    if (span_starts(line->text, "}")) {
        state->depth -= state->depth > 0;
    } else if (!relation(line->text, &name, &value)) {
        if (!span_starts(line->text, "include") && !span_starts(line->text, "module") &&
            !span_starts(line->text, "{") && state->section != SECTION_OTHER)
            document_problem(state->document, line->number, "krb5-conf-line",
                             "this line is no relation");
    } else if (span_is(value, "{")) {
        state->depth++;
    } else if (state->section == LIBDEFAULTS && state->depth == 0) {
        put_default(state, name, value);
    } else if (state->section == DOMAIN_REALM && state->num_mapped < 512) {
        state->mapped[state->num_mapped++] = arena_print(
            state->document->scratch, "%s=%s", arena_text(state->document->scratch, name),
            arena_text(state->document->scratch, value));
    }
}

static void read_krb5_conf(const struct document *document)
{
    struct state state = {.document = document};
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        take_line(&state, &line);
    state.conf.domain_realm.at = state.mapped;
    state.conf.domain_realm.num = state.num_mapped;
    document_fact(document, KIND_krb5_conf, state.line, &state.conf);
}

static int score_krb5_conf(const struct document *document)
{
    struct cursor cursor;
    struct line line;
    enum section section, current = SECTION_OTHER;
    bool kdc = false, mapped = false;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        if (section_of(line.text, &section)) {
            current = section;
            if (section == LIBDEFAULTS)
                return SCORE_SURE;
            mapped = mapped || section == DOMAIN_REALM;
        } else if (current == REALMS && !is_comment(line.text)) {
            kdc = kdc || span_starts(line.text, "kdc ") || span_starts(line.text, "kdc=");
        }
    }
    return mapped ? 80 : kdc ? 70 : SCORE_NONE;
}

const struct evidence_kind evidence_krb5_conf = {"krb5conf", score_krb5_conf, read_krb5_conf};

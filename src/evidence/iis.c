/* SPDX-License-Identifier: MIT */
/* The kinds iis (sites or pools) and web.config (authentication settings alone). */
#include "evidence/iis.h"

#include "evidence/kind.h"

/* ---- appcmd ---- */

/* "appcmd list config "Default Web Site/app" /section:windowsAuthentication": the target. */
static bool command_target(struct bytes text, struct bytes *out)
{
    struct bytes arguments, word;

    *out = span_to(text, 0);
    if (!line_runs(text, "appcmd", &arguments))
        return false;
    argument_take(&arguments); /* list */
    word = argument_take(&arguments);
    if (!span_is_nocase(word, "config"))
        return true;
    word = argument_take(&arguments);
    if (word.len > 0 && word.at[0] != '/' && word.at[0] != '-')
        *out = word;
    return true;
}

void iis_read_commands(struct iis_model *model)
{
    const struct document *document = model->document;
    struct cursor cursor;
    struct bytes found;
    struct line line;

    if (!span_has_nocase(document->text, "appcmd"))
        return;
    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        if (!span_has_nocase(line.text, "appcmd") || !command_target(line.text, &found))
            continue;
        if (model->num_commands == sizeof(model->commands) / sizeof(model->commands[0])) {
            model->full = true;
            return;
        }
        while (span_ends(found, "/"))
            found.len--;
        model->commands[model->num_commands].line = line.number;
        model->commands[model->num_commands++].target =
            found.len == 0 ? "" : arena_text(document->scratch, found);
    }
}

const char *iis_command_target(const struct iis_model *model, int64_t line)
{
    const char *target = "";
    size_t i;

    for (i = 0; i < model->num_commands && model->commands[i].line < line; i++)
        target = model->commands[i].target;
    return target;
}

/* The value of "name:value" among "a:b,c:d" in parentheses; values may hold commas, so that it ends
 * at the next of the known names. */
static struct bytes field(struct bytes s, const char *name)
{
    static const char *const names[] = {",state:", ",bindings:", ",applicationPool:", ",MgdMode:"};
    size_t at = span_find(s, name), end, i;

    if (at == SIZE_MAX)
        return span_to(s, 0);
    s = span_from(s, at + strlen(name));
    end = size_min(span_find_last(s, ")"), s.len);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        end = size_min(end, span_find(s, names[i]));
    return span_to(s, end);
}

static void put_bindings(struct iis_model *model, struct iis_site_model *site, struct bytes list)
{
    while (list.len > 0) {
        size_t comma = size_min(span_find(list, ","), list.len), slash;
        struct bytes one = span_to(list, comma);

        slash = span_find(one, "/");
        if (slash != SIZE_MAX)
            iis_add_binding(
                model, site,
                arena_print(model->document->scratch, "%s %s",
                            arena_text(model->document->scratch, span_to(one, slash)),
                            arena_text(model->document->scratch, span_from(one, slash + 1))));
        list = span_from(list, comma + 1);
    }
}

static struct iis_site_model *site_named(struct iis_model *model, struct bytes name, int64_t line)
{
    const char *text = document_text(model->document, name);
    struct iis_site_model *site = text == NULL ? NULL : iis_find_site(model, text);

    return site != NULL || text == NULL ? site : iis_add_site(model, text, line);
}

void iis_read_appcmd(struct iis_model *model)
{
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, model->document);
    while (cursor_take(&cursor, &line)) {
        bool is_site = span_starts(line.text, "SITE \""), is_app = span_starts(line.text, "APP \"");
        struct bytes rest = line.text, name;
        struct iis_site_model *site;
        size_t slash;

        if (!is_site && !is_app)
            continue;
        span_word(&rest);
        name = argument_take(&rest);
        slash = is_app ? size_min(span_find(name, "/"), name.len) : name.len;
        site = site_named(model, span_to(name, slash), line.number);
        if (site == NULL)
            continue;
        if (is_site)
            put_bindings(model, site, field(rest, "bindings:"));
        else
            iis_add_application(
                model, site,
                slash == name.len ? "/"
                                  : arena_text(model->document->scratch, span_from(name, slash)),
                document_text(model->document, field(rest, "applicationPool:")), line.number);
    }
}

/* ---- Kinds ---- */

static bool is_candidate(const struct document *document)
{
    return span_has(document->text, "<site ") || span_has(document->text, "<applicationPools") ||
           span_has(document->text, "<add name=") || span_has(document->text, "SITE \"") ||
           span_has(document->text, "APP \"") || span_has(document->text, "SITE.NAME") ||
           span_has(document->text, "<windowsAuthentication");
}

static void parse(struct iis_model *model, const struct document *document)
{
    memset(model, 0, sizeof(*model));
    model->document = document;
    iis_read_commands(model);
    iis_read_xml(model);
    iis_read_appcmd(model);
}

/* A dry run, which leaves no problems behind. */
struct trial {
    struct iis_model model;
    struct document document;
    struct log nothing;
    size_t problems;
};

static void try_parse(struct trial *trial, const struct document *document)
{
    memset(trial, 0, sizeof(*trial));
    trial->document = *document;
    trial->document.facts = &trial->nothing;
    trial->document.num_problems = &trial->problems;
    parse(&trial->model, &trial->document);
    log_clear(&trial->nothing);
}

static bool has_settings(const struct iis_model *model)
{
    size_t i;

    for (i = 0; i < model->num_auths; i++)
        if (model->auths[i].seen)
            return true;
    return false;
}

/* Other programs have <site> elements too. */
static bool has_sites(const struct iis_model *model)
{
    size_t i;

    for (i = 0; i < model->num_sites; i++)
        if (model->sites[i].num_applications > 0 || model->sites[i].num_bindings > 0)
            return true;
    return false;
}

static int score_iis(const struct document *document)
{
    struct trial trial;

    if (!is_candidate(document))
        return SCORE_NONE;
    try_parse(&trial, document);
    if (trial.model.transform)
        return SCORE_NONE;
    return has_sites(&trial.model) ? SCORE_SURE : trial.model.num_pools > 0 ? 80 : SCORE_NONE;
}

static void note_damage(const struct iis_model *model)
{
    if (model->damage_line > 0)
        document_problem(model->document, model->damage_line, "xml-damaged",
                         "the XML is damaged or cut here; what came before was read");
    if (model->full)
        document_problem(model->document, 0, "limit-iis",
                         "too many sites, pools, locations or applications; the rest is left out");
}

static void read_iis(const struct document *document)
{
    struct iis_model model;

    parse(&model, document);
    iis_put_sites(&model);
    note_damage(&model);
}

static int score_web_config(const struct document *document)
{
    struct trial trial;

    if (!span_has(document->text, "<windowsAuthentication") || span_has(document->text, "<site "))
        return SCORE_NONE;
    try_parse(&trial, document);
    return !trial.model.transform && trial.model.num_sites == 0 && has_settings(&trial.model)
               ? 70
               : SCORE_NONE;
}

static void read_web_config(const struct document *document)
{
    struct iis_model model;
    size_t i;

    parse(&model, document);
    for (i = 0; i < model.num_auths; i++) {
        const struct iis_auth *auth = &model.auths[i];
        struct iis_setting fact = {.location = auth->location,
                                   .kernel_mode = auth->kernel_mode,
                                   .use_app_pool_credentials = auth->use_app_pool_credentials,
                                   .windows_auth = auth->enabled,
                                   .anonymous_auth = auth->anonymous,
                                   .providers = {auth->providers, auth->num_providers},
                                   .token_checking = auth->token_checking};

        if (auth->seen)
            document_fact(document, KIND_iis_setting, auth->line, &fact);
    }
    note_damage(&model);
}

const struct evidence_kind evidence_iis = {"iis", score_iis, read_iis};
const struct evidence_kind evidence_web_config = {"web.config", score_web_config, read_web_config};

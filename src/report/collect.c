/* SPDX-License-Identifier: MIT */
#include "report/collect.h"

struct step {
    const char *roles, *comment, *command;
};

static const struct step steps[] = {
#define STEP(roles, comment, command) {roles, comment, command},
#include "report/collect.def"
#undef STEP
};

static const struct role {
    const char *name;
    char letter;
    const char *about;
} roles[] = {
    {"client", 'C', "the client that is refused"},
    {"server", 'S', "the server that refuses"},
    {"dc", 'D', "a domain controller of the service's domain"},
};

/* The values a step may ask for. */
enum value { VALUE_SPN, VALUE_HOST, VALUE_SHORT, VALUE_ACCOUNT, VALUE_COUNT };

static const struct {
    const char *mark, *variable, *example;
} values[VALUE_COUNT] = {
    {"{SPN}", "SPN", "HTTP/site.example.com"},
    {"{HOST}", "HOST", "site.example.com"},
    {"{SHORT}", "SHORT", "site"},
    {"{ACCOUNT}", "ACCOUNT", "svc-web"},
};

static const struct role *find_role(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(roles[i].name, name) == 0)
            return &roles[i];
    return NULL;
}

bool collect_role(const char *role)
{
    return find_role(role) != NULL;
}

/* Safe unquoted in a cmd.exe line, and after `set X=`. */
static bool is_plain(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._$:/@-";

    return name != NULL && name[0] != '\0' && name[0] != '-' &&
           strspn(name, allowed) == strlen(name);
}

static const struct attempt *first_failed(const struct report *report,
                                          const struct report_case **out_case)
{
    size_t c, i;

    for (c = 0; report != NULL && c < report->num_cases; c++)
        for (i = 0; i < report->cases[c].joined->num_attempts; i++) {
            const struct attempt *attempt = &report->cases[c].joined->attempts[i];

            if (attempt->outcome != OUTCOME_FAILED && attempt->outcome != OUTCOME_FELL_BACK)
                continue;
            *out_case = &report->cases[c];
            return attempt;
        }
    return NULL;
}

/* The account that tried to open the ticket, where the error names one. */
static const char *acceptor(const struct report_case *in, const struct attempt *attempt)
{
    const struct krb *error = case_krb(in->joined, attempt->error);

    if (error == NULL || attempt->error_origin != ORIGIN_ACCEPTOR || error->sname == NULL ||
        strchr(error->sname, '/') != NULL)
        return NULL;
    return error->sname;
}

static void take_values(const struct report *report, struct arena *arena,
                        const char *out[VALUE_COUNT])
{
    const struct report_case *in = NULL;
    const struct attempt *attempt = first_failed(report, &in);
    size_t i;

    if (attempt == NULL)
        return;
    out[VALUE_SPN] = attempt->spn;
    out[VALUE_HOST] = attempt->spn_host != NULL ? attempt->spn_host : attempt->asked_for;
    out[VALUE_ACCOUNT] = acceptor(in, attempt);
    if (out[VALUE_HOST] != NULL)
        out[VALUE_SHORT] =
            arena_print(arena, "%.*s", (int)strcspn(out[VALUE_HOST], "."), out[VALUE_HOST]);
    for (i = 0; i < VALUE_COUNT; i++)
        if (!is_plain(out[i]))
            out[i] = NULL;
}

static void put_line(struct text *out, const char *line)
{
    text_put(out, line);
    text_put(out, "\r\n");
}

/* The command with its marks replaced by the variables of the script. */
static void put_command(struct text *out, const char *command)
{
    while (*command != '\0') {
        size_t i, len = strcspn(command, "{");

        text_put_bytes(out, (struct bytes){(const uint8_t *)command, len});
        command += len;
        for (i = 0; *command != '\0' && i < VALUE_COUNT; i++) {
            if (strncmp(command, values[i].mark, strlen(values[i].mark)) != 0)
                continue;
            text_putf(out, "%%%s%%", values[i].variable);
            command += strlen(values[i].mark);
            break;
        }
    }
    text_put(out, "\r\n");
}

static bool role_needs(char letter, enum value value)
{
    size_t i;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (strchr(steps[i].roles, letter) != NULL &&
            strstr(steps[i].command, values[value].mark) != NULL)
            return true;
    return false;
}

void collect_render(struct text *out, const char *role, const struct report *report)
{
    const struct role *who = find_role(role);
    const char *known[VALUE_COUNT] = {NULL};
    struct arena arena = {0};
    size_t i;

    if (who == NULL)
        return;
    take_values(report, &arena, known);
    put_line(out, "@echo off");
    text_putf(out, "rem Collects what krbwhy needs, on %s.\r\n", who->about);
    put_line(out, "rem Run as administrator. Nothing is changed that is not changed back; nothing "
                  "is sent anywhere.");
    put_line(out, "setlocal");
    for (i = 0; i < VALUE_COUNT; i++) {
        if (!role_needs(who->letter, (enum value)i))
            continue;
        if (known[i] == NULL)
            text_putf(out, "rem Set this to the right value, such as %s.\r\n", values[i].example);
        text_putf(out, "set %s=%s\r\n", values[i].variable,
                  known[i] == NULL ? values[i].example : known[i]);
    }
    text_putf(out, "set OUT=%%TEMP%%\\krbwhy-%s\r\n", who->name);
    put_line(out, "if not exist %OUT% mkdir %OUT%");
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (strchr(steps[i].roles, who->letter) == NULL)
            continue;
        text_putf(out, "\r\nrem %s\r\n", steps[i].comment);
        put_command(out, steps[i].command);
    }
    put_line(out, "");
    put_line(out, "rem A trace of netsh becomes a capture with: etl2pcapng in.etl out.pcapng");
    put_line(out, "echo Collected in %OUT%. Then: krbwhy OUT.pcapng and the files beside it.");
    arena_clear(&arena);
}

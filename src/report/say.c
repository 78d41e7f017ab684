/* SPDX-License-Identifier: MIT */
#include "report/say.h"

#include <inttypes.h>
#include <strings.h>

#include "report/say_parts.h"

void say_count(struct text *out, int64_t num, const char *one, const char *many)
{
    if (num == 0)
        text_putf(out, "no %s", many);
    else
        text_putf(out, "%" PRId64 " %s", num, num == 1 ? one : many);
}

const char *say_keep(struct view *view, struct text *text)
{
    const char *kept = arena_text(&view->arena, bytes_of_text(text_str(text)));

    text_clear(text);
    return kept;
}

/* The program that holds the client's end, where the capture file says it. */
static const struct source *client_process(const struct view_attempt *shown)
{
    const int64_t ids[] = {shown->attempt->request, shown->attempt->ap_request,
                           shown->attempt->tls};
    size_t i;

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        const struct observation *o = log_find(shown->in->log, ids[i]);

        if (o != NULL && (o->source.process != NULL || o->source.pid.set))
            return &o->source;
    }
    return NULL;
}

/* " (alice@TEST.COM, process iexplore.exe, PID 812)". */
static void say_who(struct text *out, const struct view_attempt *shown)
{
    const struct source *process = client_process(shown);
    const char *before = " (";

    if (shown->attempt->client_principal != NULL) {
        text_putf(out, "%s%s", before, shown->attempt->client_principal);
        before = ", ";
    }
    if (process != NULL && process->process != NULL) {
        text_putf(out, "%sprocess %s", before, process->process);
        before = ", ";
    }
    if (process != NULL && process->pid.set) {
        text_putf(out, "%sPID %" PRId64, before, process->pid.value);
        before = ", ";
    }
    if (before[0] == ',')
        text_put_char(out, ')');
}

const char *say_attempt(struct view *view, const struct view_attempt *shown)
{
    const struct attempt *a = shown->attempt;
    char room[ADDRESS_TEXT_ROOM];
    struct text out = {0};

    if (a->client_principal != NULL)
        text_put(&out, a->client_principal);
    else
        text_put(&out, a->client.family == 0 ? "a client" : address_text(&a->client, room));
    text_putf(&out, ", %s",
              or_name(a->spn, or_name(a->asked_for, "a service that the capture does not name")));
    if (a->server.family != 0)
        text_putf(&out, " at %s", address_text(&a->server, room));
    if (a->ended_by != NULL)
        text_putf(&out, " (%s)", a->ended_by);
    return say_keep(view, &out);
}

const char *say_where(struct view *view, const struct view_attempt *shown)
{
    int64_t chain[VIEW_CHAIN];
    size_t num = view_chain(shown->attempt, shown->in->log, chain);
    struct statement ends = {NULL, chain, num > 0};

    if (num > 1) {
        chain[1] = chain[num - 1];
        ends.num_sources = 2;
    }
    return say_places(view, shown->in, &ends);
}

const char *say_roles(struct view *view, const struct view_attempt *shown)
{
    const struct attempt *a = shown->attempt;
    const struct address *kdc = a->tgs.kdc.family != 0 ? &a->tgs.kdc : &a->as.kdc;
    char room[ADDRESS_TEXT_ROOM];
    struct text out = {0};

    text_putf(&out, "client %s",
              a->client.family == 0 ? "unknown" : address_text(&a->client, room));
    say_who(&out, shown);
    if (a->server.family != 0) {
        text_putf(&out, ", %s %s", a->proxy ? "proxy" : "server", address_text(&a->server, room));
        if (a->server_port != 0)
            text_putf(&out, " port %" PRId64, a->server_port);
    }
    if (a->server_computer != NULL)
        text_putf(&out, " (it calls itself %s)", a->server_computer);
    if (kdc->family != 0)
        text_putf(&out, ", KDC %s", address_text(kdc, room));
    return say_keep(view, &out);
}

/* ---- the verdict ---- */

/* What the acceptor could not do, as far as the finding knows who is who. */
static void say_keys(struct text *out, const struct finding *f, const struct attempt *a)
{
    const char *spn = a != NULL && a->spn != NULL ? a->spn : "the service";

    if (f->key_owner != NULL && f->tried_by != NULL && strcasecmp(f->key_owner, f->tried_by) == 0) {
        text_putf(out, "%s could not open a ticket that was encrypted for that same account%s.",
                  f->tried_by, f->key_owner_expected ? ", as is to be expected" : "");
    } else if (f->key_owner != NULL) {
        text_putf(out, "the ticket was encrypted for %s", f->key_owner);
        if (f->key_owner_expected)
            text_putf(out, " (%s of %s)",
                      f->confidence == CONFIDENCE_CONFIRMED ? "by the evidence, the owner"
                                                            : "expected owner",
                      spn);
        if (f->tried_by != NULL)
            text_putf(out, ", and %s tried to open it.", f->tried_by);
        else
            text_put(out, ", and the service that got it could not open it.");
    } else if (f->tried_by != NULL) {
        text_putf(out, "%s tried to open a ticket for %s and could not.", f->tried_by, spn);
    } else {
        text_putf(out, "the service refused the ticket for %s.", spn);
    }
}

static void say_kdc_refusal(struct text *out, const struct attempt *a)
{
    if (a->error == a->as.error && a->error != 0)
        text_putf(out, "the KDC did not let %s log on", or_name(a->client_principal, "the client"));
    else
        text_putf(out, "the KDC gave no ticket for %s", or_name(a->spn, "the service"));
    if (a->outcome == OUTCOME_FELL_BACK)
        text_putf(out, ", and the client went on with %s", or_name(a->fallback, "something else"));
    text_put_char(out, '.');
}

/* "the client went on" begins the sentence where no error stands before it; a name stays. */
static const char *say_capital(struct view *view, const char *sentence)
{
    return strncmp(sentence, "the ", 4) == 0 ? arena_print(&view->arena, "T%s", sentence + 1)
                                             : sentence;
}

const char *say_verdict(struct view *view, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    const struct attempt *a = shown->first == NULL ? NULL : shown->first->attempt;
    const struct krb *error = a == NULL ? NULL : case_krb(shown->in->joined, a->error);
    struct text out = {0};

    if (a != NULL && f->informs && a->outcome == OUTCOME_UNKNOWN && a->tls != 0 &&
        strcmp(f->cause, "unexplained") == 0) {
        text_putf(&out, "TLS hides the log-on for %s: whether it worked, the capture cannot show.",
                  or_name(a->spn, or_name(a->asked_for, "the service")));
        return say_keep(view, &out);
    }
    if (a == NULL || f->informs) {
        text_put(&out, f->title);
        return say_keep(view, &out);
    }
    if (error != NULL) {
        say_error(&out, error, false);
        text_put(&out, ": ");
    }
    if (error != NULL && a->error_origin == ORIGIN_KDC)
        say_kdc_refusal(&out, a);
    else if (a->outcome == OUTCOME_FELL_BACK)
        text_putf(&out, "the client went on with %s.", or_name(a->fallback, "something else"));
    else if (error != NULL || f->key_owner != NULL || f->tried_by != NULL)
        say_keys(&out, f, a);
    else if (a->server.family == 0 && a->as.reply != 0 && a->tgs.request == 0)
        text_put(&out, "the KDC let the client log on, and the client went no further.");
    else
        text_putf(&out, "%s refused the ticket for %s without saying why (%s).",
                  a->proxy ? "The proxy" : "The server", or_name(a->spn, "the service"),
                  or_name(a->ended_by, "no error was sent"));
    return say_capital(view, say_keep(view, &out));
}

/* ---- places ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* The file of a source, where it has to be named: captures only when the case has several. */
static void say_file(struct text *out, const struct view_input *input)
{
    if (input->input->evidence || input->named)
        text_putf(out, "%s ", base_name(input->input->path));
}

const char *say_series(struct view *view, const struct view_input *capture)
{
    enum { MOST = 6 };
    size_t left = view->num_captures - (size_t)capture->number, num = 1, i;
    struct text out = {0};

    while (num < left && capture[num].input->part == num)
        num++;
    if (capture->input->part > 0 || num < 2)
        return NULL;
    for (i = 0; i < num; i++)
        if (i < MOST - 1 || i == num - 1)
            text_putf(&out, "%s%s",
                      i == 0         ? ""
                      : i == num - 1 ? " and "
                                     : ", ",
                      i == 0 ? capture->input->path : base_name(capture[i].input->path));
        else if (i == MOST - 1)
            text_putf(&out, ", %zu more", num - MOST);
    text_put(&out, " are consecutive files of one capture and were read as one; frames are counted "
                   "in each file, as Wireshark shows them.");
    return say_keep(view, &out);
}

/* By file, then place: they are read one after the other. Captures stand before evidence. */
static int compare_places(const struct view_source *a, const struct view_source *b)
{
    int64_t left[3] = {a->input->input->evidence, a->input->number, a->place};
    int64_t right[3] = {b->input->input->evidence, b->input->number, b->place};
    int i;

    for (i = 0; i < 3; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

static void sort_places(struct view_source *found, size_t num)
{
    size_t i, k;

    for (i = 1; i < num; i++)
        for (k = i; k > 0 && compare_places(&found[k], &found[k - 1]) < 0; k--) {
            struct view_source moved = found[k];

            found[k] = found[k - 1];
            found[k - 1] = moved;
        }
}

const char *say_places(struct view *view, const struct report_case *in,
                       const struct statement *statement)
{
    enum { MOST = 12 };
    struct view_source found[MOST];
    struct text out = {0};
    size_t i, k, num = 0, more = 0;

    for (i = 0; i < statement->num_sources; i++) {
        struct view_source source = view_source(view, in->log, statement->sources[i]);

        for (k = 0; k < num; k++)
            if (found[k].input == source.input && found[k].place == source.place)
                break;
        if (!source.set || k < num)
            continue;
        if (num < MOST)
            found[num++] = source;
        else
            more++;
    }
    sort_places(found, num);
    for (i = 0; i < num; i = k) {
        const char *unit = found[i].input->input->evidence ? "line" : "frame";

        text_put(&out, i > 0 ? "; " : "");
        say_file(&out, found[i].input);
        for (k = i + 1; k < num && found[k].input == found[i].input; k++)
            ;
        text_putf(&out, "%s%s ", unit, k > i + 1 ? "s" : "");
        text_putf(&out, "%" PRId64, found[i].place);
        for (k = i + 1; k < num && found[k].input == found[i].input; k++)
            text_putf(&out, ", %" PRId64, found[k].place);
    }
    if (more > 0)
        text_putf(&out, " and %zu more", more);
    return say_keep(view, &out);
}

/* SPDX-License-Identifier: MIT */
#include "report/seen.h"

#include <inttypes.h>

#include "asn1/names.h"

enum what {
    SEEN_DNS,
    SEEN_AS,
    SEEN_TGS,
    SEEN_AP,
    SEEN_AP_REP,
    SEEN_ERROR,
    SEEN_HTTP,
    SEEN_NTLM,
    SEEN_TLS,
    SEEN_COUNT
};

static const struct {
    const char *one, *many;
} names[SEEN_COUNT] = {
    {"answer to a name lookup (DNS)", "answers to name lookups (DNS)"},
    {"log-on at a KDC (AS exchange)", "log-ons at a KDC (AS exchanges)"},
    {"ticket issued by a KDC (TGS exchange)", "tickets issued by a KDC (TGS exchanges)"},
    {"ticket presented to a service (AP-REQ)", "tickets presented to services (AP-REQ)"},
    {"ticket confirmed by a service (AP-REP)", "tickets confirmed by services (AP-REP)"},
    {"Kerberos error", "Kerberos errors"},
    {"HTTP message with an authentication header", "HTTP messages with an authentication header"},
    {"NTLM log-on", "NTLM log-ons"},
    {"encrypted connection (TLS)", "encrypted connections (TLS)"},
};

/* `reply`: a server sent it. */
static void count_krb(const struct krb *krb, bool reply, int64_t *seen)
{
    switch (krb->msg_type) {
    case 11:
        seen[SEEN_AS]++;
        break;
    case 13:
        seen[SEEN_TGS]++;
        break;
    case 14:
        seen[SEEN_AP] += !krb->inside.set; /* those inside a TGS-REQ are for the KDC */
        break;
    case 15:
        seen[SEEN_AP_REP] += reply; /* the client's own ends a handshake of three (DCE style) */
        break;
    case 30:
        seen[SEEN_ERROR]++;
        break;
    default:
        break;
    }
}

static void count(const struct log *log, int64_t *seen)
{
    size_t i;

    seen[SEEN_DNS] += (int64_t)log->num_dns_responses;
    for (i = 0; i < log->num; i++) {
        const struct observation *o = &log->at[i];

        if (o->kind == KIND_dns)
            seen[SEEN_DNS] += o->dns->response;
        else if (o->kind == KIND_krb)
            count_krb(o->krb, o->source.reply, seen);
        else if (o->kind == KIND_http)
            seen[SEEN_HTTP] += o->http->auths.num > 0;
        else if (o->kind == KIND_ntlm)
            seen[SEEN_NTLM] += o->ntlm->msg_type == 3;
        else if (o->kind == KIND_tls)
            seen[SEEN_TLS] +=
                o->tls->message != NULL && strcmp(o->tls->message, "ClientHello") == 0;
    }
}

/* What is not there, and how to get it: the name lookup, the ticket request, the ticket at the
 * service, the service's answer. */
static void draw_gaps(const int64_t *seen, const struct document_sink *sink, void *page)
{
    if (seen[SEEN_DNS] == 0) {
        sink->item(page, NULL,
                   "The name lookup: empty the client's name cache before the capture begins, and "
                   "do not filter port 53 away.",
                   "");
        sink->command(page, "ipconfig /flushdns");
    }
    if (seen[SEEN_TGS] == 0) {
        sink->item(page, NULL,
                   "The request for the ticket: throw away the client's cached tickets before the "
                   "capture begins, and do not filter port 88 away.",
                   "");
        sink->command(page, "klist purge");
    }
    if (seen[SEEN_AP] == 0)
        sink->item(
            page, NULL,
            seen[SEEN_TLS] > 0
                ? "The ticket on its way to the service: it is inside the encrypted "
                  "connections. Capture on the server behind the point where TLS ends, or "
                  "export the decrypted messages (Wireshark: File, Export PDUs)."
                : "The ticket on its way to the service: start the capture before the "
                  "client connects, on the client or on the server, with full packet length.",
            "");
    else if (seen[SEEN_ERROR] == 0)
        sink->item(page, NULL,
                   "A refusal: no service and no KDC sent an error. If a log-on failed, repeat it "
                   "while the capture runs.",
                   "");
}

/* ": KDC_ERR_PREAUTH_REQUIRED (25), a normal step of a log-on". */
static void say_errors(struct text *line, const struct log *log, const char *before,
                       const char *after)
{
    enum { MOST = 4 };
    int64_t codes[MOST];
    size_t num = 0, i, k;

    for (i = 0; i < log->num; i++) {
        const struct observation *o = &log->at[i];
        int64_t code = o->kind == KIND_krb && o->krb->msg_type == 30 && o->krb->error_code.set
                           ? o->krb->error_code.value
                           : -1;

        for (k = 0; k < num && codes[k] != code; k++)
            ;
        if (code < 0 || k < num)
            continue;
        if (num == MOST) {
            text_put(line, ", and others");
            break;
        }
        codes[num++] = code;
        text_put(line, num == 1 ? before : ", ");
        text_putf(line, "%s (%" PRId64 ")%s",
                  krb_error_name(code) != NULL ? krb_error_name(code) : "unknown", code,
                  code == 25 ? ", a normal step of a log-on" : "");
    }
    text_put(line, num > 0 ? after : "");
}

/* One line, where there are many captures to report on. */
static void draw_short(struct view *view, const struct log *log, const int64_t *seen,
                       const struct document_sink *sink, void *page)
{
    struct text line = {0};
    size_t i;

    for (i = 0; i < SEEN_COUNT; i++) {
        if (seen[i] == 0)
            continue;
        text_put(&line, line.len > 0 ? ", " : "");
        say_count(&line, seen[i], names[i].one, names[i].many);
        if (i == SEEN_ERROR)
            say_errors(&line, log, " (", ")");
    }
    if (line.len > 0)
        sink->paragraph(page, arena_text(&view->arena, bytes_of_text(text_str(&line))));
    text_clear(&line);
}

static void draw_long(struct view *view, const struct log *log, const int64_t *seen,
                      const struct document_sink *sink, void *page)
{
    size_t i;

    for (i = 0; i < SEEN_COUNT; i++) {
        struct text line = {0};

        say_count(&line, seen[i], names[i].one, names[i].many);
        if (i == SEEN_ERROR)
            say_errors(&line, log, ": ", "");
        if (seen[i] > 0)
            sink->item(page, NULL, arena_text(&view->arena, bytes_of_text(text_str(&line))), "");
        text_clear(&line);
    }
}

void seen_draw(struct view *view, const struct report_case *in, const struct document_sink *sink,
               void *page)
{
    int64_t seen[SEEN_COUNT] = {0}, succeeded = 0, any = 0;
    size_t i;

    count(in->log, seen);
    for (i = 0; i < SEEN_COUNT; i++)
        any += seen[i];
    for (i = 0; i < in->joined->num_attempts; i++)
        succeeded += in->joined->attempts[i].outcome == OUTCOME_SUCCEEDED;
    if (view->report->num_cases > 1) {
        draw_short(view, in->log, seen, sink, page);
        return;
    }
    document_section(sink, page, DOCUMENT_SEEN, "What was seen");
    draw_long(view, in->log, seen, sink, page);
    if (any == 0)
        sink->paragraph(page, "Nothing that has to do with logging on: no name lookups, no "
                              "Kerberos, no HTTP authentication.");
    if (succeeded > 0)
        sink->item(
            page, NULL,
            arena_print(&view->arena, "%" PRId64 " %s: the ticket was opened", succeeded,
                        succeeded == 1 ? "authentication succeeded" : "authentications succeeded"),
            "");
    sink->end_section(page);
    if (seen[SEEN_DNS] > 0 && seen[SEEN_TGS] > 0 && seen[SEEN_AP] > 0 &&
        (succeeded > 0 || seen[SEEN_ERROR] > 0))
        return;
    document_section(sink, page, DOCUMENT_GAPS,
                     "What a capture of a failed log-on has to hold, and this one does not");
    draw_gaps(seen, sink, page);
    sink->end_section(page);
}

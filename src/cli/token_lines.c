/* SPDX-License-Identifier: MIT */
#include "cli/token_lines.h"

#include "asn1/kerberos.h"
#include "asn1/names.h"
#include "protocol/ntlm.h"
#include "report/when.h"

enum { AP_USE_SESSION_KEY = 1 << 30, AP_MUTUAL = 1 << 29 };

void line(struct text *out, const char *label, const char *format, ...)
{
    struct text value = {0};
    va_list args;

    va_start(args, format);
    text_vputf(&value, format, args);
    va_end(args);
    text_putf(out, "  %-15s ", label);
    text_put_plain(out, text_str(&value));
    text_put_char(out, '\n');
    text_clear(&value);
}

static const char *or_number(const char *name)
{
    return name == NULL ? "unknown" : name;
}

static void line_text(struct text *out, const char *label, const char *value)
{
    if (value != NULL)
        line(out, label, "%s", *value == '\0' ? "(empty)" : value);
}

static void line_name(struct text *out, const char *label, const char *name, struct optint type)
{
    if (name == NULL)
        return;
    if (type.set)
        line(out, label, "%s (name type %lld, %s)", *name == '\0' ? "(empty)" : name,
             (long long)type.value, or_number(krb_name_type(type.value)));
    else
        line_text(out, label, name);
}

static void line_etype(struct text *out, const char *label, struct optint etype)
{
    if (etype.set)
        line(out, label, "%lld (%s)", (long long)etype.value,
             or_number(krb_etype_name(etype.value)));
}

static void line_time(struct text *out, const char *label, struct optint time, struct optint us)
{
    char room[WHEN_TEXT_ROOM];
    const char *when;

    if (!time.set)
        return;
    when = when_seconds(time.value, 0, 0, room);
    if (when == NULL)
        when = "outside of the years 0 to 9999";
    if (us.set)
        line(out, label, "%s, %lld us", when, (long long)us.value);
    else
        line(out, label, "%s", when);
}

static void lines_ticket(struct text *out, const struct ticket *ticket)
{
    char digest[DIGEST_TEXT_ROOM];

    line_text(out, "ticket realm", ticket->realm);
    line_name(out, "ticket sname", ticket->sname, ticket->sname_type);
    line_etype(out, "ticket etype", ticket->etype);
    if (ticket->kvno.set)
        line(out, "ticket kvno", "%lld", (long long)ticket->kvno.value);
    else if (ticket->etype.set)
        line(out, "ticket kvno", "absent");
    if (ticket->sha256.set)
        line(out, "ciphertext", "%lld bytes, SHA-256 %s", (long long)ticket->cipher_len,
             digest_text(&ticket->sha256, digest));
}

static void lines_error(struct text *out, const struct krb *krb)
{
    if (krb->error_code.set)
        line(out, "error-code", "%lld %s", (long long)krb->error_code.value,
             or_number(krb_error_name(krb->error_code.value)));
    line_time(out, "stime", krb->stime_s, krb->stime_us);
    line_time(out, "ctime", krb->ctime_s, krb->ctime_us);
    line_text(out, "e-text", krb->e_text);
    if (krb->ntstatus.set)
        line(out, "NTSTATUS", "0x%08llx", (unsigned long long)krb->ntstatus.value);
}

void lines_krb(struct text *out, const struct krb *krb)
{
    size_t i;

    text_putf(out, "%s%s\n", or_number(krb_message_name(krb->msg_type)),
              krb->inside.set ? " (nested)" : "");
    lines_error(out, krb);
    line_text(out, "crealm", krb->crealm);
    line_name(out, "cname", krb->cname, krb->cname_type);
    line_text(out, "realm", krb->realm);
    line_name(out, "sname", krb->sname, krb->sname_type);
    for (i = 0; i < krb->etypes.num; i++)
        line_etype(out, i == 0 ? "etypes" : "", optint(krb->etypes.at[i]));
    if (krb->ap_options.set)
        line(out, "ap-options", "%s%s%s",
             (krb->ap_options.value & AP_MUTUAL) != 0 ? "mutual-required" : "",
             (krb->ap_options.value & AP_USE_SESSION_KEY) != 0 ? " use-session-key" : "",
             (krb->ap_options.value & (AP_MUTUAL | AP_USE_SESSION_KEY)) == 0 ? "none" : "");
    if (krb->ticket != NULL)
        lines_ticket(out, krb->ticket);
    line_etype(out, "authenticator", krb->auth_etype);
    line_etype(out, "enc-part etype", krb->enc_etype);
    if (krb->enc_kvno.set)
        line(out, "enc-part kvno", "%lld", (long long)krb->enc_kvno.value);
}

void lines_ntlm(struct text *out, const struct ntlm *ntlm)
{
    static const char *const names[] = {"", "NEGOTIATE", "CHALLENGE", "AUTHENTICATE"};

    text_putf(out, "NTLM %s\n",
              ntlm->msg_type >= 1 && ntlm->msg_type <= 3 ? names[ntlm->msg_type] : "message");
    line_text(out, "target", ntlm->target);
    line_text(out, "domain", ntlm->domain);
    line_text(out, "user", ntlm->user);
    line_text(out, "workstation", ntlm->workstation);
    line_text(out, "server computer", ntlm->nb_computer);
    line_text(out, "server domain", ntlm->nb_domain);
    line_text(out, "server DNS name", ntlm->dns_computer);
    line_text(out, "DNS domain", ntlm->dns_domain);
    line_text(out, "DNS forest", ntlm->dns_tree);
    line_text(out, "target name", ntlm->target_name);
    if (ntlm->time_ns.set)
        line_time(out, "time", optint(ntlm->time_ns.value / 1000000000), (struct optint){false, 0});
    if (ntlm->channel_bindings.set)
        line(out, "channel binding", "%s",
             ntlm->channel_bindings.value != 0 ? "sent" : "none (zero)");
    line_text(out, "version", ntlm->version);
}

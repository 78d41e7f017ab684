/* SPDX-License-Identifier: MIT */
/* What the messages of a token mean, in words; CAUSES in the documentation say more. */
#include "asn1/kerberos.h"
#include "asn1/names.h"
#include "cli/token_lines.h"

/* Errors that an acceptor sends. */
static const struct {
    int64_t code;
    const char *meaning;
} meanings[] = {
    {31,
     "The service has a key of this name and version, and the ticket was encrypted with another "
     "one (MIT Kerberos's form of KRB_AP_ERR_MODIFIED)."},
    {32, "The ticket had expired, by the server's clock."},
    {33, "The ticket is not valid yet, by the server's clock."},
    {34, "The server has seen this very request before (replay)."},
    {35, "The service has no key for the name in the ticket at all: the ticket is for another "
         "account or host."},
    {36, "Ticket and authenticator do not belong together."},
    {37, "The clocks of client and server differ by more than is allowed; compare stime with the "
         "client's time."},
    {41, "The service could not decrypt the ticket: the KDC encrypted it with the key of one "
         "account, and another account (or an older password) was tried."},
    {44, "The service has the name of the ticket, but no key of this version or encryption type: "
         "its keytab is older or newer than the ticket."},
    {45, "The service has no key to decrypt the ticket with."},
    {60, "A general error; the server's own log says more."},
};

static void put(struct text *out, const char *text)
{
    text_put_plain(out, text);
}

void lines_meaning(struct text *out, const struct krb *error)
{
    const char *meaning = NULL;
    size_t i;

    for (i = 0; error->error_code.set && i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == error->error_code.value)
            meaning = meanings[i].meaning;
    if (meaning != NULL) {
        text_put(out, "Meaning: ");
        put(out, meaning);
        text_put_char(out, '\n');
    }
    if (!error->error_code.set || error->error_code.value != 41 || error->sname == NULL ||
        *error->sname == '\0')
        return;
    if (error->num_sname.set && error->num_sname.value == 1) {
        text_put(out, "The account that tried is ");
        put(out, error->sname);
        if (error->realm != NULL) {
            text_put(out, " of ");
            put(out, error->realm);
        }
        text_put(out, ". Compare it with the owner of the SPN that the client asked for: setspn "
                      "-F -Q */HOST\n");
    } else {
        text_put(out, "The name ");
        put(out, error->sname);
        text_put(out, " is that of a service; it may repeat the ticket's and then names no "
                      "account.\n");
    }
}

void lines_state_meaning(struct text *out, const struct log *log)
{
    const struct gss *gss = NULL;
    const struct krb *krb = NULL;
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_gss)
            gss = log->at[i].gss;
        else if (log->at[i].kind == KIND_krb)
            krb = log->at[i].krb;
    if (krb != NULL && krb->msg_type == KRB_AP_REP)
        text_put(out, "Meaning: the service decrypted the ticket (AP-REP); a refusal beside it is "
                      "not about keys.\n");
    else if (gss != NULL && gss->neg_state.set && gss->neg_state.value == 2)
        text_put(out, "Meaning: the server refuses; the token does not say why.\n");
    else if (gss != NULL && gss->neg_state.set && gss->neg_state.value == 0)
        text_put(out, "Meaning: the server accepts.\n");
}

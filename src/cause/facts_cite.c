/* SPDX-License-Identifier: MIT */
/* Facts for sentences: what to cite, what to call things. */
#include "cause/facts.h"

int64_t facts_refusal(const struct facts *f)
{
    if (f->a->error != 0)
        return f->a->error;
    if (f->a->reply != 0)
        return f->a->reply;
    return f->a->conn != 0 ? f->a->conn : f->a->gss_reply;
}

int64_t facts_ticket(const struct facts *f)
{
    return f->a->tgs.reply != 0 ? f->a->tgs.reply : f->a->ap_request;
}

int64_t facts_shown(const struct facts *f)
{
    if (f->a->ap_request != 0)
        return f->a->ap_request;
    return f->a->gss_request != 0 ? f->a->gss_request : f->a->request;
}

int64_t facts_frame(const struct facts *f, int64_t id)
{
    const struct source *source = case_source(f->joined, id);

    return source == NULL ? 0 : source->frame;
}

const char *facts_spn(const struct facts *f)
{
    return f->a->spn != NULL ? f->a->spn : "the service";
}

const char *facts_host(const struct facts *f)
{
    return f->a->spn_host != NULL ? f->a->spn_host : "the host";
}

const char *facts_asked(const struct facts *f)
{
    return f->a->asked_for != NULL ? f->a->asked_for : "the server";
}

const char *facts_server(const struct facts *f)
{
    char text[ADDRESS_TEXT_ROOM];

    if (f->a->server.family == 0)
        return "the server";
    return arena_text(f->arena, bytes_of_text(address_text(&f->a->server, text)));
}

const char *facts_who(const struct facts *f)
{
    if (f->tried_by != NULL)
        return f->tried_by;
    return arena_print(f->arena, "the account that runs the service at %s", facts_server(f));
}

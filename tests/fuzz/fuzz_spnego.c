/* SPDX-License-Identifier: MIT */
/* Any bytes as a security token: what comes out lies inside, and observations are linked rightly.
 */
#include <assert.h>
#include <stdlib.h>

#include "carrier/token.h"
#include "protocol/gss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void inside(struct bytes part, const uint8_t *data, size_t len)
{
    assert(part.len == 0 || (part.at >= data && part.at + part.len <= data + len));
}

static void parse(const uint8_t *data, size_t len, bool open)
{
    struct gss_token gss;
    bool known = gss_parse((struct bytes){data, len}, open, &gss);

    assert(known == (strcmp(gss.token, "unknown") != 0));
    inside(gss.mech, data, len);
    inside(gss.spnego.token.raw, data, len);
    inside(gss.spnego.mic.raw, data, len);
    inside(gss.spnego.supported.raw, data, len);
    assert(gss.inner.at <= gss.inner.end && gss.inner.end <= len);
    assert(gss.story.fault_at <= len);
    assert(open || gss.story.fault != FAULT_NEEDS_MORE);
    assert(gss.kind != GSS_KERBEROS || known || gss.salvaged);
}

static void observe(const uint8_t *data, size_t len, const char *damaged)
{
    struct log log = {0};
    struct arena scratch = {0};
    struct carriage carriage = {.log = &log, .scratch = &scratch};
    struct source source = {.damaged = damaged};
    size_t i;

    token_observe(&carriage, &source, (struct bytes){data, len}, 0, 3);
    assert(log.num >= (len > 0));
    for (i = 0; i < log.num; i++) {
        const struct observation *o = &log.at[i];

        assert((o->kind == KIND_gss) == (i == 0));
        assert(o->kind != KIND_gss || (o->gss->order == 3 && o->gss->token_len == (int64_t)len));
        assert(o->kind != KIND_krb || o->krb->gss == 1);
        assert(o->kind != KIND_ntlm || (o->ntlm->gss == 1 && o->ntlm->order == 3));
    }
    log_clear(&log);
    arena_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    parse(data, len, false);
    parse(data, len, true);
    observe(data, len, NULL);
    observe(data, len, "incomplete");
    return 0;
}

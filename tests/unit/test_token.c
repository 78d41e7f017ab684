/* SPDX-License-Identifier: MIT */
#include "carrier/token.h"

#include <stdlib.h>

#include "harness.h"

struct fixture {
    struct log log;
    struct arena scratch;
    struct carriage carriage;
    struct source source;
};

static void setup(struct fixture *f, const char *hex, const char *damaged)
{
    struct bytes token = test_hex(hex), exact = test_exact(token);

    memset(f, 0, sizeof(*f));
    f->carriage.log = &f->log;
    f->carriage.scratch = &f->scratch;
    f->source.damaged = damaged;
    token_observe(&f->carriage, &f->source, exact, 7, 2);
    free((void *)token.at);
    free((void *)exact.at);
    arena_clear(&f->scratch);
}

static void teardown(struct fixture *f)
{
    log_clear(&f->log);
}

/* The published token of an IIS 7 answer, "IIS 7+ Kerberos authentication failure:
 * KRB_AP_ERR_MODIFIED" (Microsoft support), with the bytes that its author overwrote. */
static const char damaged_41[] =
    "a16c306aa0030a0101a2630461605f06092a864886f71201020203007e50304e9a6dc7480416840c08047a90"
    "44603cc8c0c4c4c4c69b71dd0c0d4c4c0c4d16a9469b71dda603020129a90a1b08544553542e434f4daa1730"
    "15a003020101a10e300c1b0a636f6e746f736f737663";

TEST(published_token_with_overwritten_bytes_still_gives_its_facts)
{
    struct fixture f;

    setup(&f, damaged_41, NULL);
    CHECK_INT(f.log.num, 2);
    if (f.log.num == 2) {
        const struct gss *gss = f.log.at[0].gss;
        const struct krb *krb = f.log.at[1].krb;

        CHECK_STR(gss->token, "NegTokenResp");
        CHECK_INT(gss->neg_state.value, 1);
        CHECK_STR(gss->mech, "1.2.840.113554.1.2.2");
        CHECK_INT(gss->tok_id.value, 0x0300);
        CHECK_INT(gss->http, 7);
        CHECK_INT(gss->order, 2);
        CHECK(f.log.at[0].source.damaged == NULL);
        CHECK_INT(krb->msg_type, 30);
        CHECK_INT(krb->error_code.value, 41);
        CHECK_STR(krb->realm, "TEST.COM");
        CHECK_STR(krb->sname, "contososvc");
        CHECK_INT(krb->sname_type.value, 1);
        CHECK_INT(krb->num_sname.value, 1);
        CHECK(!krb->stime_s.set);
        CHECK_INT(krb->gss, 1);
        CHECK_STR(f.log.at[1].source.damaged, "malformed");
        CHECK_STR(krb->note, "malformed at offset 4 of the message: a length runs over the end "
                             "of what holds it; salvaged: error-code, realm, sname; MIT krb5 "
                             "refuses it: a length that runs over the end");
    }
    teardown(&f);
}

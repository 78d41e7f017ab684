/* SPDX-License-Identifier: MIT */
#include "carrier/token.h"

#include <stdlib.h>

#include "harness.h"
#include "lab.h"

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
        CHECK_INT(gss->message, 7);
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

static struct fixture observe_hex(const char *hex)
{
    struct fixture f;

    setup(&f, hex, NULL);
    return f;
}

TEST(answer_of_the_lab)
{
    struct fixture f = observe_hex(lab_error_token);

    CHECK_INT(f.log.num, 2);
    if (f.log.num == 2) {
        CHECK_STR(f.log.at[0].gss->token, "NegTokenResp");
        CHECK_INT(f.log.at[0].gss->neg_state.value, 2); /* the lab's JSON: reject */
        CHECK(f.log.at[0].gss->has_mech_token && !f.log.at[0].gss->has_mic);
        CHECK_STR(f.log.at[1].krb->sname, "contososvc");
        CHECK_STR(f.log.at[1].krb->realm, "TEST.COM");
        CHECK_INT(f.log.at[1].krb->error_code.value, 41);
        CHECK_STR(f.log.at[1].krb->note, NULL);
        CHECK(f.log.at[1].source.damaged == NULL);
    }
    teardown(&f);
}

TEST(request_of_the_lab)
{
    struct fixture f = observe_hex(lab_ap_req_token);

    CHECK_INT(f.log.num, 2);
    if (f.log.num == 2) {
        const struct krb *krb = f.log.at[1].krb;
        char digest[DIGEST_TEXT_ROOM];

        CHECK_STR(f.log.at[0].gss->token, "NegTokenInit");
        CHECK_INT(f.log.at[0].gss->mechs.num, 1);
        CHECK_STR(f.log.at[0].gss->mechs.at[0], "1.2.840.113554.1.2.2");
        CHECK_INT(f.log.at[0].gss->tok_id.value, 0x0100);
        CHECK_INT(krb->msg_type, 14);
        CHECK_INT(krb->ap_options.value, 0x20000000);
        CHECK_STR(krb->ticket->sname, "HTTP/iis01.test.com");
        CHECK_INT(krb->ticket->kvno.value, 3);
        CHECK_INT(krb->ticket->etype.value, 18);
        CHECK_INT(krb->ticket->cipher_len, 374);
        CHECK_INT(krb->ticket->chunks.num, 6);
        /* sha256sum of the ciphertext that tshark exports */
        CHECK_STR(digest_text(&krb->ticket->sha256, digest),
                  "e32e284c28698616853da4604cf64256c5773c8c47e3d838185e7704c9fec2b8");
        CHECK_INT(krb->auth_etype.value, 18);
        CHECK(krb->auth_sha256.set);
        CHECK(!krb->ticket->tried);
    }
    teardown(&f);
}

/* Eight bytes overwritten anywhere, frame and lengths included: never another error or account,
 * and the error is found wherever it, and one of realm and sname, is left alone. */
TEST(overwritten_answers_still_tell_their_error)
{
    size_t len = strlen(lab_error_token) / 2, at, found = 0;

    for (at = 0; at + 8 <= len; at++) {
        char hex[sizeof(lab_error_token)];
        struct fixture f;
        size_t i;

        memcpy(hex, lab_error_token, sizeof(hex));
        memset(hex + 2 * at, 'e', 16);
        setup(&f, hex, NULL);
        for (i = 0; i < f.log.num; i++)
            if (f.log.at[i].kind == KIND_krb && f.log.at[i].krb->error_code.value == 41)
                found++;
        teardown(&f);
    }
    CHECK(found + 14 >= len - 7); /* 12 places hit the error code, some more its neighbours */
    if (found + 14 < len - 7)
        test_fail(__FILE__, __LINE__, "%zu of %zu", found, len - 7);
}

/* Message types 16 and 17 have no APPLICATION tag of their own: draft-swift-win2k-krb-user2user. */
TEST(user_to_user_request)
{
    struct fixture f =
        observe_hex("6034060a2a864886f7120102020304003024a003020105a103020110a20e300ca003020101a1"
                    "0530031b0158a3081b06544553542e43");

    CHECK_INT(f.log.num, 2);
    if (f.log.num == 2) {
        CHECK_STR(f.log.at[0].gss->token, "krb5");
        CHECK_INT(f.log.at[0].gss->tok_id.value, 0x0400);
        CHECK_INT(f.log.at[1].krb->msg_type, 16);
        CHECK_STR(f.log.at[1].krb->sname, "X");
        CHECK_STR(f.log.at[1].krb->realm, "TEST.C");
        CHECK_INT(f.log.at[1].krb->ntstatus.set, 0);
    }
    teardown(&f);
}

TEST(unknown_bytes_are_one_unknown_token)
{
    struct fixture f = observe_hex("0102030405");

    CHECK_INT(f.log.num, 1);
    CHECK_STR(f.log.at[0].gss->token, "unknown");
    CHECK_INT(f.log.at[0].gss->token_len, 5);
    teardown(&f);
}

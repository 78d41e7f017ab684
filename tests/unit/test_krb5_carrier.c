/* SPDX-License-Identifier: MIT */
/* The carriers krb5 and kpasswd: framing on TCP, datagrams, gaps. */
#include <stdio.h>
#include <stdlib.h>

#include "carrier/carrier.h"
#include "harness.h"

extern const struct carrier carrier_krb5, carrier_kpasswd;

/* An AS-REQ (frame 11) and a KRB-ERROR (frame 12) of the lab's capture ad-client-local; filled from
 * vectors/kerberos.tsv by their first octet. */
static struct bytes vector(uint8_t first)
{
    FILE *file = fopen("tests/unit/vectors/kerberos.tsv", "r");
    static char row[65536];
    struct bytes found = {NULL, 0};

    CHECK(file != NULL);
    while (file != NULL && found.at == NULL && fgets(row, sizeof(row), file) != NULL) {
        char *hex = row[0] == '#' ? NULL : strchr(strchr(row, '\t') + 1, '\t') + 1;

        if (hex == NULL)
            continue;
        *strchr(hex, '\t') = '\0';
        found = test_hex(hex);
        if (found.at[0] != first) {
            free((void *)found.at);
            found.at = NULL;
        }
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* Appends the 4-byte length and the message. */
static size_t put_framed(uint8_t *out, struct bytes message)
{
    out[0] = (uint8_t)(message.len >> 24);
    out[1] = (uint8_t)(message.len >> 16);
    out[2] = (uint8_t)(message.len >> 8);
    out[3] = (uint8_t)message.len;
    memcpy(out + 4, message.at, message.len);
    return message.len + 4;
}

struct run {
    struct log log;
    struct arena scratch;
    struct carriage carriage;
    struct flow flow;
    void *state;
    const struct carrier *carrier;
    uint64_t offset; /* stream offset of what was not consumed */
    int64_t frame;
};

static void start(struct run *run, const struct carrier *carrier)
{
    memset(run, 0, sizeof(*run));
    run->carrier = carrier;
    run->carriage = (struct carriage){.log = &run->log, .scratch = &run->scratch};
    run->flow.id = 1;
    run->flow.transport = 6;
    run->flow.port[0] = 50000;
    run->flow.port[1] = 88;
    run->state = carrier->open(carrier, &run->carriage, &run->flow);
}

static void stop(struct run *run)
{
    run->carrier->finish(run->state, &run->carriage, &run->flow);
    log_clear(&run->log);
    arena_clear(&run->scratch);
}

/* Hands over the bytes [offset, end) of a stream as the flow table does, in a block of their size;
 * consumes what the carrier consumes. */
static void feed(struct run *run, const uint8_t *stream, uint64_t end, bool gap_before,
                 bool gap_after)
{
    while (run->offset < end) {
        struct bytes data =
            test_exact((struct bytes){stream + run->offset, (size_t)(end - run->offset)});
        struct segment segment = {.data = data,
                                  .offset = run->offset,
                                  .gap_before = gap_before,
                                  .gap_after = gap_after,
                                  .frame = ++run->frame,
                                  .first_frame = run->frame};
        size_t used = run->carrier->feed(run->state, &run->carriage, &run->flow, 0, &segment);

        free((void *)data.at);
        CHECK(used != FLOW_IGNORE);
        if (gap_after && used < end - run->offset)
            used = (size_t)(end - run->offset);
        run->offset += used;
        if (used == 0)
            return;
        gap_before = false;
    }
}

static int64_t type_at(const struct run *run, size_t i)
{
    return i < run->log.num && run->log.at[i].kind == KIND_krb ? run->log.at[i].krb->msg_type : -1;
}

TEST(messages_cut_anywhere_are_joined)
{
    struct bytes request = vector(0x6A), error = vector(0x7E);
    uint8_t stream[8192];
    size_t len = put_framed(stream, request), cut;

    len += put_framed(stream + len, error);
    len += put_framed(stream + len, request);
    for (cut = 1; cut <= len; cut++) {
        struct run run;

        start(&run, &carrier_krb5);
        feed(&run, stream, cut, false, false);
        feed(&run, stream, len, false, false);
        if (run.log.num != 3 || type_at(&run, 0) != 10 || type_at(&run, 1) != 30 ||
            type_at(&run, 2) != 10)
            test_fail(__FILE__, __LINE__, "cut at %zu: %zu messages", cut, run.log.num);
        CHECK(run.log.num < 3 || run.log.at[2].source.damaged == NULL);
        CHECK(run.log.num < 1 || run.log.at[0].source.frame == (cut < request.len + 4 ? 2 : 1));
        stop(&run);
    }
    free((void *)request.at);
    free((void *)error.at);
}

TEST(a_cut_message_is_incomplete_and_the_next_is_found_by_length)
{
    struct bytes request = vector(0x6A), error = vector(0x7E);
    uint8_t stream[8192];
    size_t first = put_framed(stream, request), len = first + put_framed(stream + first, error);
    struct run run;

    start(&run, &carrier_krb5);
    feed(&run, stream, first - 20, false, true);
    CHECK_INT(run.log.num, 1);
    CHECK_STR(run.log.num > 0 ? run.log.at[0].source.damaged : NULL, "incomplete");
    CHECK_INT(run.offset, first); /* the rest of it is skipped without being buffered */
    feed(&run, stream, len, true, false);
    CHECK_INT(run.log.num, 2);
    CHECK_INT(type_at(&run, 1), 30);
    CHECK_STR(run.log.num > 1 ? run.log.at[1].source.damaged : NULL, "after-gap");
    stop(&run);
    free((void *)request.at);
    free((void *)error.at);
}

TEST(after_a_gap_of_unknown_contents_a_strict_match_resumes)
{
    struct bytes request = vector(0x6A), error = vector(0x7E);
    uint8_t stream[8192];
    size_t first = put_framed(stream, request), second, len;
    struct run run;

    second = first + put_framed(stream + first, error);
    len = second + put_framed(stream + second, request);
    start(&run, &carrier_krb5);
    feed(&run, stream, first, false, true);
    run.offset = first + 30; /* the beginning of the second message is lost */
    feed(&run, stream, second, true, false);
    CHECK_INT(run.log.num, 1);
    feed(&run, stream, len, false, false);
    CHECK_INT(run.log.num, 2);
    CHECK_INT(type_at(&run, 1), 10);
    stop(&run);
    free((void *)request.at);
    free((void *)error.at);
}

TEST(claims_by_content)
{
    struct bytes request = vector(0x6A);
    uint8_t framed[8192];
    struct bytes whole = {framed, put_framed(framed, request)}, some = {framed, 40},
                 few = {framed, 3};
    struct bytes http = bytes_of_text("GET / HTTP/1.1\r\nHost: x\r\n"),
                 tls = {(const uint8_t *)"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11},
                 middle = {framed + 50, 60};

    CHECK_INT(carrier_krb5.claim(&carrier_krb5, whole, 0, false), CLAIM_YES);
    CHECK_INT(carrier_krb5.claim(&carrier_krb5, some, 0, false), CLAIM_YES);
    CHECK_INT(carrier_krb5.claim(&carrier_krb5, few, 0, false), CLAIM_MORE);
    CHECK_INT(carrier_krb5.claim(&carrier_krb5, http, 0, false), CLAIM_NO);
    CHECK_INT(carrier_krb5.claim(&carrier_krb5, http, 0, true),
              CLAIM_NO); /* a web server on port 88 */
    CHECK_INT(carrier_krb5.claim(&carrier_krb5, tls, 0, false), CLAIM_NO);
    CHECK_INT(carrier_krb5.claim(&carrier_krb5, middle, 0, false), CLAIM_NO);
    CHECK_INT(carrier_krb5.claim(&carrier_krb5, middle, 0, true), CLAIM_YES);
    free((void *)request.at);
}

TEST(datagrams)
{
    struct bytes request = vector(0x6A), cut = {request.at, request.len - 30},
                 dns = {(const uint8_t *)"\x4b\xb1\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12};
    struct run run;

    start(&run, &carrier_krb5);
    run.flow.transport = 17;
    CHECK(carrier_krb5.datagram(&carrier_krb5, &run.carriage, &run.flow, 0, request, 0, true));
    CHECK(carrier_krb5.datagram(&carrier_krb5, &run.carriage, &run.flow, 0, request, 0, false));
    CHECK(carrier_krb5.datagram(&carrier_krb5, &run.carriage, &run.flow, 0, cut, 30, true));
    CHECK(!carrier_krb5.datagram(&carrier_krb5, &run.carriage, &run.flow, 0, cut, 0, false));
    CHECK(!carrier_krb5.datagram(&carrier_krb5, &run.carriage, &run.flow, 0, dns, 0, true));
    CHECK_INT(run.log.num, 3);
    CHECK_STR(run.log.at[1].source.damaged, NULL);
    CHECK_STR(run.log.at[2].source.damaged, "incomplete");
    CHECK_STR(run.log.at[2].krb->cname, run.log.at[0].krb->cname);
    stop(&run);
    free((void *)request.at);
}

/* RFC 3244, 2: length, version, length of the AP-REQ, the AP-REQ and a KRB-PRIV (RFC 4120, 5.7.1,
 * written by hand); the answer with length 0 has a KRB-ERROR. */
TEST(password_changes)
{
    struct bytes ap_req = test_hex(
        "6e58 3056 a003020105 a10302010e a20703050000000000 a32d 612b 3029 a003020105 a1031b0158"
        "a20e300ca003020101a10530031b0159 a30d 300b a003020112 a20404024142"
        "a412 3010 a003020112 a103020101 a20404024142");
    struct bytes priv =
        test_hex("751b 3019 a003020105 a103020115 a30d 300b a003020111 a20404024142");
    struct bytes error = vector(0x7E);
    uint8_t raw[4096] = {0, 0, 0xFF, 0x80, 0, (uint8_t)ap_req.len};
    size_t len = 6;
    struct run run;

    memcpy(raw + len, ap_req.at, ap_req.len);
    len += ap_req.len;
    memcpy(raw + len, priv.at, priv.len);
    len += priv.len;
    raw[1] = (uint8_t)len;
    start(&run, &carrier_kpasswd);
    CHECK(carrier_kpasswd.datagram(&carrier_kpasswd, &run.carriage, &run.flow, 0,
                                   (struct bytes){raw, len}, 0, true));
    CHECK_INT(run.log.num, 2);
    CHECK_INT(type_at(&run, 0), 14);
    CHECK_INT(type_at(&run, 1), 21);
    if (run.log.num == 2) {
        CHECK_STR(run.log.at[0].source.carrier, "kpasswd");
        CHECK_STR(run.log.at[0].source.damaged, NULL);
        CHECK_STR(run.log.at[0].krb->ticket->sname, "Y");
        CHECK(!run.log.at[0].krb->ticket->kvno.set);
        CHECK_INT(run.log.at[1].krb->enc_etype.value, 17);
        CHECK(!run.log.at[1].krb->inside.set);
    }
    memmove(raw + 4, raw, len);
    raw[0] = raw[1] = raw[2] = 0;
    raw[3] = (uint8_t)len;
    feed(&run, raw, len + 4, false, false);
    CHECK_INT(run.log.num, 4);
    raw[0] = (uint8_t)((error.len + 6) >> 8);
    raw[1] = (uint8_t)(error.len + 6);
    raw[2] = 0;
    raw[3] = 1;
    raw[4] = raw[5] = 0;
    memcpy(raw + 6, error.at, error.len);
    CHECK(carrier_kpasswd.datagram(&carrier_kpasswd, &run.carriage, &run.flow, 1,
                                   (struct bytes){raw, error.len + 6}, 0, true));
    CHECK(carrier_kpasswd.datagram(&carrier_kpasswd, &run.carriage, &run.flow, 1, error, 0, true));
    CHECK_INT(run.log.num, 6);
    CHECK_INT(type_at(&run, 4), 30);
    CHECK_INT(type_at(&run, 5), 30);
    stop(&run);
    free((void *)ap_req.at);
    free((void *)priv.at);
    free((void *)error.at);
}

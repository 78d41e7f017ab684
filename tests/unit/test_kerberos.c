/* SPDX-License-Identifier: MIT */
#include "asn1/kerberos.h"

#include <stdio.h>
#include <stdlib.h>

#include "asn1/mit.h"
#include "carrier/krb_observe.h"
#include "harness.h"

enum { ROW = 65536 };

/* Calls `check` for each row of vectors/kerberos.tsv with the message in a block of its own size.
 */
static void each_vector(void (*check)(const char *origin, struct bytes message, char *facts))
{
    FILE *file = fopen("tests/unit/vectors/kerberos.tsv", "r");
    char *row = malloc(ROW);
    int num = 0;

    CHECK(file != NULL);
    while (file != NULL && fgets(row, ROW, file) != NULL) {
        char *capture = strtok(row, "\t"), *frame = strtok(NULL, "\t"), *hex = strtok(NULL, "\t"),
             *facts = strtok(NULL, "\n"), origin[256];
        struct bytes loose, exact;

        if (facts == NULL || capture[0] == '#')
            continue;
        snprintf(origin, sizeof(origin), "%s frame %s", capture, frame);
        loose = test_hex(hex);
        exact = test_exact(loose);
        check(origin, exact, facts);
        free((void *)loose.at);
        free((void *)exact.at);
        num++;
    }
    CHECK(num >= 30);
    if (file != NULL)
        fclose(file);
    free(row);
}

/* A fact's value in a buffer of its own; "" when the record has none. */
static const char *fact_of(const struct krb *krb, const char *name)
{
    static char out[1024];
    struct optint number = {false, 0};
    const char *text = NULL;
    size_t i, at = 0;

    out[0] = '\0';
    if (strcmp(name, "msg_type") == 0)
        number = optint(krb->msg_type);
    else if (strcmp(name, "inside") == 0)
        number = krb->inside;
    else if (strcmp(name, "sname_type") == 0)
        number = krb->sname_type;
    else if (strcmp(name, "cname_type") == 0)
        number = krb->cname_type;
    else if (strcmp(name, "error_code") == 0)
        number = krb->error_code;
    else if (strcmp(name, "stime") == 0)
        number = krb->stime_s;
    else if (strcmp(name, "ctime") == 0)
        number = krb->ctime_s;
    else if (strcmp(name, "enc_etype") == 0)
        number = krb->enc_etype;
    else if (strcmp(name, "enc_kvno") == 0)
        number = krb->enc_kvno;
    else if (strcmp(name, "auth_etype") == 0)
        number = krb->auth_etype;
    else if (strcmp(name, "tkt_etype") == 0 && krb->ticket != NULL)
        number = krb->ticket->etype;
    else if (strcmp(name, "tkt_kvno") == 0 && krb->ticket != NULL)
        number = krb->ticket->kvno;
    else if (strcmp(name, "tkt_realm") == 0 && krb->ticket != NULL)
        text = krb->ticket->realm;
    else if (strcmp(name, "tkt_sname") == 0 && krb->ticket != NULL)
        text = krb->ticket->sname;
    else if (strcmp(name, "realm") == 0)
        text = krb->realm;
    else if (strcmp(name, "sname") == 0)
        text = krb->sname;
    else if (strcmp(name, "crealm") == 0)
        text = krb->crealm;
    else if (strcmp(name, "cname") == 0)
        text = krb->cname;
    else if (strcmp(name, "e_text") == 0)
        text = krb->e_text;
    else if (strcmp(name, "req_etypes") == 0)
        for (i = 0; i < krb->etypes.num && at < sizeof(out) - 32; i++)
            at += (size_t)snprintf(out + at, sizeof(out) - at, i == 0 ? "%lld" : ",%lld",
                                   (long long)krb->etypes.at[i]);
    if (number.set)
        snprintf(out, sizeof(out), "%lld", (long long)number.value);
    return text != NULL ? text : out;
}

static void check_record(const char *origin, const struct krb *krb, char *facts)
{
    char *save = NULL, *fact;

    for (fact = strtok_r(facts, "|", &save); fact != NULL; fact = strtok_r(NULL, "|", &save)) {
        char *value = strchr(fact, '=');

        *value++ = '\0';
        if (strcmp(fact_of(krb, fact), value) != 0)
            test_fail(__FILE__, __LINE__, "%s: %s is \"%s\", tshark shows \"%s\"", origin, fact,
                      fact_of(krb, fact), value);
    }
}

static void check_facts(const char *origin, struct bytes message, char *facts)
{
    struct log log = {0};
    struct arena scratch = {0};
    struct carriage carriage = {.log = &log, .scratch = &scratch};
    struct source source = {0};
    struct reader in;
    char *save = NULL, *one;
    size_t num = 0;

    reader_init(&in, message, false);
    CHECK(krb_observe(&carriage, &source, &in, 0, false) == 1);
    CHECK_INT(reader_left(&in), 0);
    for (one = strtok_r(facts, "\t", &save); one != NULL; one = strtok_r(NULL, "\t", &save)) {
        if (num >= log.num) {
            test_fail(__FILE__, __LINE__, "%s: %zu messages", origin, log.num);
            break;
        }
        check_record(origin, log.at[num].krb, one);
        if (log.at[num].source.damaged != NULL || log.at[num].krb->note != NULL)
            test_fail(__FILE__, __LINE__, "%s: %s", origin, log.at[num].krb->note);
        CHECK_INT(log.at[num].krb->parent, num == 0 ? 0 : 1);
        num++;
    }
    CHECK_INT(log.num, num);
    log_clear(&log);
    arena_clear(&scratch);
}

TEST(messages_give_what_tshark_shows)
{
    each_vector(check_facts);
}

static void check_mit(const char *origin, struct bytes message, char *facts)
{
    struct reader in;
    struct kerberos ours;
    const char *what;
    enum mit_verdict verdict;

    (void)facts;
    reader_init(&in, message, false);
    CHECK(kerberos_parse(&in, &ours));
    verdict = mit_confirm(&ours, message, &what);
    if (verdict != MIT_AGREES)
        test_fail(__FILE__, __LINE__, "%s: verdict %d, %s", origin, verdict, what);
}

TEST(mit_krb5_agrees_on_every_message)
{
    each_vector(check_mit);
}

/* A beginning of a message is never called malformed, and nothing is read beyond it. */
static void check_prefixes(const char *origin, struct bytes message, char *facts)
{
    size_t len;

    (void)facts;
    for (len = 0; len < message.len; len++) {
        struct bytes exact = test_exact((struct bytes){message.at, len});
        struct reader in;
        struct kerberos ours;

        reader_init(&in, exact, true);
        if (!kerberos_parse(&in, &ours) && len >= 8)
            test_fail(__FILE__, __LINE__, "%s: %zu bytes are no message", origin, len);
        if (ours.story.fault != FAULT_NEEDS_MORE)
            test_fail(__FILE__, __LINE__, "%s: %zu bytes: %s at %zu: %s", origin, len,
                      fault_name(ours.story.fault), ours.story.fault_at, ours.story.fault_what);
        if (ours.salvaged.tags != 0)
            test_fail(__FILE__, __LINE__, "%s: %zu bytes: salvaged", origin, len);
        free((void *)exact.at);
    }
}

TEST(every_strict_prefix_needs_more)
{
    each_vector(check_prefixes);
}

/* Eight bytes overwritten anywhere in a KRB-ERROR: its facts never become others, and those that
 * the damage does not touch are still found. */
static void check_salvage(const char *origin, struct bytes message, char *facts)
{
    struct reader in;
    struct kerberos whole, hurt;
    size_t at, found = 0, tried = 0, code_at;
    uint8_t code[] = {0xA6, 3, 2, 1, 0};

    (void)facts;
    reader_init(&in, message, false);
    if (!kerberos_parse(&in, &whole) || whole.msg_type != KRB_ERROR)
        return;
    code[4] = (uint8_t)whole.error_code.value;
    code_at = (size_t)((uint8_t *)memmem(message.at, message.len, code, sizeof(code)) - message.at);
    for (at = 4; at + 8 <= message.len; at++) {
        struct bytes copy = test_exact(message);

        memset((uint8_t *)copy.at + at, 0xEE, 8);
        reader_init(&in, copy, false);
        tried++;
        if (kerberos_parse(&in, &hurt)) {
            if (hurt.error_code.set && hurt.error_code.value != whole.error_code.value &&
                (at + 8 <= code_at || at >= code_at + sizeof(code)))
                test_fail(__FILE__, __LINE__, "%s at %zu: error %lld", origin, at,
                          (long long)hurt.error_code.value);
            found += hurt.error_code.set && hurt.error_code.value == whole.error_code.value &&
                     hurt.realm.set && bytes_equal(hurt.realm.raw, whole.realm.raw) &&
                     hurt.sname.set;
        }
        free((void *)copy.at);
    }
    if (found * 100 < tried * 35) /* the rest hits one of the three */
        test_fail(__FILE__, __LINE__, "%s: %zu of %zu", origin, found, tried);
}

TEST(overwritten_errors_keep_what_is_not_touched)
{
    each_vector(check_salvage);
}

static bool parse_hex(const char *hex, struct kerberos *out, struct bytes *raw)
{
    struct reader in;

    *raw = test_hex(hex);
    reader_init(&in, *raw, false);
    return kerberos_parse(&in, out);
}

/* AP-REQs after RFC 4120, 5.5.1, written out by hand: the kvno's forms in the wild. */
TEST(kvno_beyond_31_bits_and_absent)
{
    static const struct {
        const char *kvno;
        bool set;
        int64_t value;
    } forms[] = {{"", false, 0},
                 {"a103020100", true, 0},
                 {"a1060204ffff0001", true, 4294901761},   /* RODC number 65535, negative */
                 {"a107020500ffff0001", true, 4294901761}, /* the same as DER writes it */
                 {"a107020500ffffffff", true, 4294967295}};
    size_t i;

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char hex[512], enc[128];
        size_t kvno = strlen(forms[i].kvno) / 2;
        struct kerberos message;
        struct bytes raw;

        snprintf(enc, sizeof(enc), "a003020112%sa203040141", forms[i].kvno);
        snprintf(hex, sizeof(hex),
                 "6e%02zx30%02zxa003020105a10302010ea20703050000000000a3%02zx61%02zx30%02zx"
                 "a003020105a1031b0158a20e300ca003020101a10530031b0159a3%02zx30%02zx%s"
                 "a412%s",
                 87 + kvno, 85 + kvno, 44 + kvno, 42 + kvno, 40 + kvno, 12 + kvno, 10 + kvno, enc,
                 "3010a003020112a103020101a20404024142");
        CHECK(parse_hex(hex, &message, &raw));
        CHECK_INT(message.story.fault, FAULT_NONE);
        CHECK_INT(message.ticket.enc.kvno.set, forms[i].set);
        CHECK_INT(message.ticket.enc.kvno.value, forms[i].value);
        CHECK_INT(message.ticket.enc.etype.value, 18);
        free((void *)raw.at);
    }
}

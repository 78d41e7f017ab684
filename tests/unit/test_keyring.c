/* SPDX-License-Identifier: MIT */
#include "asn1/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "asn1/kerberos.h"
#include "asn1/mit.h"
#include "harness.h"
#include "lab.h"
#include "lab_ad.h"
#include "protocol/gss.h"

/* A keytab as a file; the caller unlinks it. */
static void write_keytab(const char *hex, char *path, size_t skip_end)
{
    struct bytes raw = test_hex(hex);
    int fd = mkstemp(path);

    CHECK(fd >= 0 && write(fd, raw.at, raw.len - skip_end) == (ssize_t)(raw.len - skip_end));
    close(fd);
    free((void *)raw.at);
}

TEST(exported_decoders_are_as_declared)
{
    CHECK_STR(mit_self_test(), NULL);
}

TEST(the_key_that_opens_a_ticket_is_found_whatever_its_name)
{
    char path[] = "/tmp/krbwhy-keytab-XXXXXX";
    struct bytes raw = test_hex(lab_ap_req_token);
    struct keyring *ring = keyring_open();
    struct arena arena = {0};
    const struct keyring_result *result;
    struct gss_token token;
    struct kerberos message;

    write_keytab(lab_keytab, path, 0);
    CHECK_STR(keyring_add(ring, &arena, path), NULL);
    CHECK_INT(keyring_num(ring), 6);
    CHECK_STR(keyring_add(ring, &arena, path), NULL);
    CHECK_INT(keyring_num(ring), 6); /* the same entries once more */
    CHECK(gss_parse(raw, false, &token));
    CHECK(kerberos_parse(&token.inner, &message));
    CHECK_INT(message.story.fault, FAULT_NONE);
    result = keyring_try(ring, message.ticket.enc.etype.value, message.ticket.enc.cipher.raw);
    CHECK_INT(result->num, 1); /* the lab's JSON: ticket_key_of iis01$@TEST.COM:3 */
    if (result->num == 1) {
        struct keyring_entry entry = keyring_entry(ring, result->opened_by[0]);

        CHECK_STR(entry.principal, "iis01$@TEST.COM");
        CHECK_INT(entry.kvno, 3);
        CHECK_INT(entry.etype, 18);
        CHECK_STR(result->client, "alice@TEST.COM");
        CHECK(result->auth_s < result->end_s);
    }
    CHECK(keyring_try(ring, 18, message.ticket.enc.cipher.raw) == result); /* not tried again */
    CHECK_INT(keyring_try(ring, 17, message.ticket.enc.cipher.raw)->num, 0);
    CHECK_INT(keyring_try(ring, 18, message.authenticator.cipher.raw)->num, 0);
    unlink(path);
    arena_clear(&arena);
    keyring_close(ring);
    free((void *)raw.at);
}

TEST(a_damaged_keytab_keeps_what_came_before)
{
    char path[] = "/tmp/krbwhy-keytab-XXXXXX", none[] = "/tmp/krbwhy-keytab-XXXXXX";
    struct keyring *ring = keyring_open();
    struct arena arena = {0};

    write_keytab(lab_keytab, path, 10);
    CHECK(keyring_add(ring, &arena, path) != NULL);
    CHECK_INT(keyring_num(ring), 5);
    write_keytab(lab_keytab, none, 442);
    CHECK(keyring_add(ring, &arena, none) != NULL);
    CHECK(keyring_add(ring, &arena, "/nowhere/keytab") != NULL);
    CHECK_INT(keyring_num(ring), 5);
    unlink(path);
    unlink(none);
    arena_clear(&arena);
    keyring_close(ring);
}

TEST(a_pac_says_whose_logon_it_is)
{
    char path[] = "/tmp/krbwhy-keytab-XXXXXX";
    struct bytes raw = test_hex(lab_ad_token);
    struct keyring *ring = keyring_open();
    struct arena arena = {0};
    const struct keyring_result *result;
    struct gss_token token;
    struct kerberos message;

    write_keytab(lab_ad_keytab, path, 0);
    CHECK_STR(keyring_add(ring, &arena, path), NULL);
    CHECK(gss_parse(raw, false, &token));
    CHECK(kerberos_parse(&token.inner, &message));
    result = keyring_try(ring, message.ticket.enc.etype.value, message.ticket.enc.cipher.raw);
    CHECK_INT(result->num, 2); /* the lab's JSON: IIS01$ and HTTP/iis01.test.com, one key */
    if (result->num == 2) {
        CHECK_STR(keyring_entry(ring, result->opened_by[0]).principal, "IIS01$@TEST.COM");
        CHECK_STR(keyring_entry(ring, result->opened_by[1]).principal,
                  "HTTP/iis01.test.com@TEST.COM");
        CHECK_STR(result->client, "alice@TEST.COM");
        CHECK_STR(result->pac_logon, "TEST\\alice");
    }
    unlink(path);
    arena_clear(&arena);
    keyring_close(ring);
    free((void *)raw.at);
}

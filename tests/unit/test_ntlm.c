/* SPDX-License-Identifier: MIT */
#include "protocol/ntlm.h"

#include <stdlib.h>

#include "harness.h"

/* [MS-NLMP] 4.2.4.3: the CHALLENGE and AUTHENTICATE messages of the NTLMv2 example. */
static const char challenge[] =
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef000000000000000024002400"
    "440000000600701700000 00f53006500720076006500720002000c0044006f006d00610069006e0001000c00"
    "530065007200760065007200000 00000";
static const char authenticate[] =
    "4e544c4d53535000030000001800180 06c00000054005400840000000c000c00480000000800080054000000"
    "100010005c00000010001000d8000000358288e2050128 0a0000000f44006f006d00610069006e0055007300"
    "650072 0043004f004d0050005500540045005200 86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"
    "68cd0ab851e51c96aabc927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"
    "02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000c5dad254"
    "4fc9799094ce1ce90bc9d03e";

static struct bytes exact_hex(const char *hex)
{
    struct bytes loose = test_hex(hex), exact = test_exact(loose);

    free((void *)loose.at);
    return exact;
}

TEST(challenge_of_the_specification)
{
    struct bytes raw = exact_hex(challenge);
    struct arena arena = {0};
    struct ntlm_message m;

    CHECK(ntlm_parse(&arena, raw, false, &m));
    CHECK_INT(m.fault, FAULT_NONE);
    CHECK_INT(m.type, NTLM_CHALLENGE);
    CHECK_STR(m.target, "Server");
    CHECK_STR(m.nb_domain, "Domain");
    CHECK_STR(m.nb_computer, "Server");
    CHECK_STR(m.dns_computer, NULL);
    CHECK_STR(m.version, "6.0.6000");
    CHECK(!m.has_time);
    arena_clear(&arena);
    free((void *)raw.at);
}

TEST(authenticate_of_the_specification)
{
    struct bytes raw = exact_hex(authenticate);
    struct arena arena = {0};
    struct ntlm_message m;

    CHECK(ntlm_parse(&arena, raw, false, &m));
    CHECK_INT(m.fault, FAULT_NONE);
    CHECK_STR(m.domain, "Domain");
    CHECK_STR(m.user, "User");
    CHECK_STR(m.workstation, "COMPUTER");
    CHECK_STR(m.nb_computer, "Server");
    CHECK_STR(m.version, "5.1.2600");
    CHECK_INT(m.bindings, NTLM_BINDINGS_ABSENT);
    arena_clear(&arena);
    free((void *)raw.at);
}

/* Target information with a time stamp (2009-03-26 as FILETIME), channel bindings and an
 * SPN, as [MS-NLMP] 2.2.2.1 lays them out. */
TEST(target_information)
{
    struct bytes raw = exact_hex("4e544c4d5353500002000000000000003800000001008000"
                                 "00112233445566770000000000000000"
                                 "34003400380000000a00614a0000000f"
                                 "0300040061002e00"
                                 "07000800803a0909 57aec901"
                                 "0a0010000000000000000000000000000000 0100"
                                 "09000400480054000000 0000");
    struct arena arena = {0};
    struct ntlm_message m;

    CHECK(ntlm_parse(&arena, raw, false, &m));
    CHECK_STR(m.dns_computer, "a.");
    CHECK_STR(m.target_name, "HT");
    CHECK_INT(m.bindings, NTLM_BINDINGS_SET);
    CHECK(m.has_time);
    CHECK_INT(m.time_ns / 1000000000 / 86400, 14329); /* 2009-03-26 */
    CHECK_STR(m.target, NULL);
    CHECK_STR(m.version, NULL); /* not negotiated */
    arena_clear(&arena);
    free((void *)raw.at);
}

static void check_prefixes(const char *hex)
{
    struct bytes whole = exact_hex(hex);
    size_t len;

    for (len = 0; len < whole.len; len++) {
        struct bytes raw = test_exact((struct bytes){whole.at, len});
        struct arena arena = {0};
        struct ntlm_message m;
        bool read = ntlm_parse(&arena, raw, true, &m);

        CHECK(read == (len >= 12));
        if (read && m.fault != FAULT_NEEDS_MORE && m.fault != FAULT_NONE)
            test_fail(__FILE__, __LINE__, "%zu bytes: %s", len, m.fault_what);
        arena_clear(&arena);
        free((void *)raw.at);
    }
    free((void *)whole.at);
}

TEST(every_strict_prefix_is_read_as_far_as_it_goes)
{
    check_prefixes(challenge);
    check_prefixes(authenticate);
}

TEST(fields_outside_of_the_message_are_malformed)
{
    struct bytes raw = exact_hex("4e544c4d5353500002000000ff00ff00f00000000100000000112233445566"
                                 "77");
    struct arena arena = {0};
    struct ntlm_message m;

    CHECK(ntlm_parse(&arena, raw, false, &m));
    CHECK_INT(m.fault, FAULT_MALFORMED);
    CHECK_INT(m.fault_at, 12);
    CHECK_STR(m.target, NULL);
    arena_clear(&arena);
    free((void *)raw.at);
}

/* SPDX-License-Identifier: MIT */
/* The index of pairs: keys of both kinds, found, removed and added again. */
#include "flow/pairs.h"

#include "harness.h"

enum { MANY = 5000 };

static struct address numbered(uint8_t family, uint32_t number)
{
    struct address address = {.family = family};
    size_t at = family == 4 ? 0 : 12, i;

    for (i = 0; i < 4; i++)
        address.octet[at + i] = (uint8_t)(number >> (24 - 8 * i));
    return address;
}

static struct pair *seek(struct pairs *pairs, uint8_t family, uint32_t number, bool add)
{
    struct address src = numbered(family, number), dst = numbered(family, ~number);
    struct pair_key key;
    struct pair *pair;
    uint32_t hash;

    pair_key_init(pairs, &key, 6, &src, 1000, &dst, 80);
    hash = pairs_hash(pairs, key.end);
    if (!add)
        return pairs_find(pairs, &key, hash);
    pair = pairs_add(pairs, &key, hash);
    pair->id = number + 1;
    return pair;
}

static void check_directions(uint8_t family, uint32_t a, uint32_t b)
{
    struct address src = numbered(family, a), dst = numbered(family, b);
    struct pair_key forth, back, udp, other;
    struct pairs pairs;
    struct pair *pair;
    uint8_t octets[16];
    int end;

    pairs_init(&pairs, 10);
    end = pair_key_init(&pairs, &forth, 6, &src, 1000, &dst, 80);
    CHECK_INT(end, a > b);
    CHECK_INT(pair_key_init(&pairs, &back, 6, &dst, 80, &src, 1000), 1 - end);
    pair_key_init(&pairs, &udp, 17, &src, 1000, &dst, 80);
    pair_key_init(&pairs, &other, 6, &src, 1000, &dst, 81);
    pair = pairs_add(&pairs, &forth, pairs_hash(&pairs, forth.end));
    pair->id = 1;
    CHECK(pairs_find(&pairs, &back, pairs_hash(&pairs, back.end)) == pair);
    CHECK(pair_is(&pairs, pair, &back));
    CHECK(!pair_is(&pairs, pair, &udp));
    CHECK(pairs_find(&pairs, &udp, pairs_hash(&pairs, udp.end)) == NULL);
    CHECK(pairs_find(&pairs, &other, pairs_hash(&pairs, other.end)) == NULL);
    CHECK_INT(pair_family(pair), family);
    CHECK_INT(pair_transport(pair), 6);
    CHECK_INT(pair_port(pair, end), 1000);
    CHECK_INT(pair_port(pair, 1 - end), 80);
    pair_octets(&pairs, pair, end, octets);
    CHECK(memcmp(octets, src.octet, 16) == 0);
    pair_octets(&pairs, pair, 1 - end, octets);
    CHECK(memcmp(octets, dst.octet, 16) == 0);
    pairs_clear(&pairs);
}

TEST(either_direction_finds_it)
{
    check_directions(4, 0x0a000001, 0xc0a80001);
    check_directions(4, 0xc0a80001, 0x0a000001);
    check_directions(6, 1, 0xFFFFFFFF);
    check_directions(6, 0xFFFFFFFF, 1);
}

TEST(the_port_tells_where_addresses_are_equal)
{
    struct address host = numbered(6, 1);
    struct pair_key a, b;
    struct pairs pairs;

    pairs_init(&pairs, 10);
    CHECK_INT(pair_key_init(&pairs, &a, 6, &host, 9, &host, 7), 1);
    CHECK_INT(pair_key_init(&pairs, &b, 6, &host, 7, &host, 9), 0);
    CHECK_INT(pairs_hash(&pairs, a.end), pairs_hash(&pairs, b.end));
    CHECK_INT(pair_key_init(&pairs, &b, 6, &host, 7, &host, 7), 0);
    pairs_clear(&pairs);
}

/* Without a secret the sums of these addresses are all zero. */
TEST(octets_tell_where_sums_are_equal)
{
    struct pairs pairs;
    struct pair *one, *two;

    pairs_init(&pairs, 10);
    memset(pairs.secret, 0, sizeof(pairs.secret));
    one = seek(&pairs, 6, 1, true);
    CHECK(seek(&pairs, 6, 2, false) == NULL);
    two = seek(&pairs, 6, 2, true);
    CHECK(one->end[0] == two->end[0] && one->end[1] == two->end[1]);
    CHECK(seek(&pairs, 6, 1, false) == one);
    CHECK(seek(&pairs, 6, 2, false) == two);
    pairs_remove(&pairs, one);
    CHECK(seek(&pairs, 6, 1, false) == NULL);
    CHECK(seek(&pairs, 6, 2, false) == two);
    pairs_clear(&pairs);
}

TEST(many_come_and_go)
{
    struct pairs pairs;
    uint32_t i, round;

    pairs_init(&pairs, MANY);
    for (i = 0; i < MANY; i++) /* IPv6 comes late, to chunks that have none */
        CHECK(seek(&pairs, i % 3 == 2 && i > 1000 ? 6 : 4, i, true) != NULL);
    CHECK(pairs_full(&pairs));
    for (round = 0; round < 3; round++) {
        for (i = round; i < MANY; i += 4)
            pairs_remove(&pairs, seek(&pairs, i % 3 == 2 && i > 1000 ? 6 : 4, i, false));
        for (i = 0; i < MANY; i++) {
            const struct pair *pair = seek(&pairs, i % 3 == 2 && i > 1000 ? 6 : 4, i, false);

            CHECK((pair == NULL) == (i % 4 == round));
            CHECK(pair == NULL || pair->id == (int64_t)i + 1);
        }
        for (i = round; i < MANY; i += 4)
            seek(&pairs, i % 3 == 2 && i > 1000 ? 6 : 4, i, true);
        CHECK(pairs_full(&pairs));
    }
    CHECK_INT((int64_t)pairs.made, MANY); /* numbers are used again */
    pairs_clear(&pairs);
}

TEST(the_longest_spent_goes_first)
{
    struct pairs pairs;
    struct pair *pair[3];
    uint32_t i;

    pairs_init(&pairs, 3);
    for (i = 0; i < 3; i++) {
        pair[i] = seek(&pairs, 4, i, true);
        pair[i]->last_frame = UINT32_MAX - 1 + i; /* counts on beyond 2^32 */
    }
    CHECK(pairs_victim(&pairs) == pair[0]); /* idle for longest */
    pair[0]->listed = false;
    pair[2]->state = pair[1]->state = PAIR_CLOSED;
    pairs_spent(&pairs, pair[2]);
    pairs_spent(&pairs, pair[1]);
    CHECK(pairs_victim(&pairs) == pair[2]);
    CHECK(pairs_victim(&pairs) == pair[1]);
    pairs_clear(&pairs);
}

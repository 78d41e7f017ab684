/* SPDX-License-Identifier: MIT */
/* Whatever happens to segments on their way, the messages in them and the frames that they are from
 * stay what they are. Random, from fixed seeds. */
#include "flow_play.h"

enum { STREAM_ROOM = 40000, MAX_SEGMENTS = 4000, MAX_MESSAGES = 200, MAX_PACKETS = 12000 };

/* A message is two bytes of length, then as many bytes. */
struct conversation {
    uint8_t bytes[2][STREAM_ROOM];
    size_t len[2];
    size_t message[2][MAX_MESSAGES]; /* offsets */
    size_t num_messages[2];
};

struct sent {
    int side;
    size_t from, to; /* of the stream */
    size_t acked;    /* of the other side's */
    uint8_t flags;
};

/* What is expected: the frame that first brought each byte. */
struct arrivals {
    int64_t frame[2][STREAM_ROOM];
};

static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20) % bound;
}

static void make_conversation(struct conversation *c)
{
    int side;

    memset(c, 0, sizeof(*c));
    for (side = 0; side < 2; side++)
        while (c->num_messages[side] < MAX_MESSAGES) {
            size_t len = random_below(random_below(8) == 0 ? 4000 : 300), i;

            if (c->len[side] + len + 2 > STREAM_ROOM)
                break;
            c->message[side][c->num_messages[side]++] = c->len[side];
            c->bytes[side][c->len[side]++] = (uint8_t)(len >> 8);
            c->bytes[side][c->len[side]++] = (uint8_t)len;
            for (i = 0; i < len; i++)
                c->bytes[side][c->len[side]++] = (uint8_t)random_below(256);
        }
}

/* In order, either side by turns, with acknowledgements of what came so far. */
static size_t send_all(const struct conversation *c, struct sent *out)
{
    size_t at[2] = {0, 0}, num = 0;

    while (at[0] < c->len[0] || at[1] < c->len[1]) {
        int side = (int)random_below(2);
        size_t len = random_below(10) == 0 ? 0 : 1 + random_below(random_below(3) == 0 ? 20 : 1460);

        if (at[side] == 0 && len == 1)
            len = 2; /* a single byte at first would be taken for a keep-alive */
        len = size_min(len, c->len[side] - at[side]);
        out[num++] = (struct sent){side, at[side], at[side] + len, at[1 - side], TCP_ACK};
        at[side] += len;
    }
    return num;
}

static void shuffle(struct sent *sent, size_t num, uint32_t window)
{
    size_t i;

    for (i = 0; i + 1 < num; i++) {
        size_t with = i + random_below(window);

        if (with < num && random_below(4) == 0) {
            struct sent other = sent[with];

            sent[with] = sent[i];
            sent[i] = other;
        }
    }
}

/* Puts repetitions in: whole, in part, or of more than one segment. */
static size_t repeat(struct sent *sent, size_t num)
{
    size_t i;

    for (i = 0; i < num && num < MAX_PACKETS - 1; i++) {
        struct sent again = sent[random_below((uint32_t)i + 1)];
        size_t len = again.to - again.from;

        if (random_below(6) != 0 || len == 0)
            continue;
        if (random_below(2) == 0) {
            again.from -= size_min(again.from, random_below(700));
            again.to -= random_below((uint32_t)len);
        }
        again.acked = 0;
        memmove(&sent[i + 2], &sent[i + 1], (num - i - 1) * sizeof(*sent));
        sent[i + 1] = again;
        num++;
        i++;
    }
    return num;
}

static void play_sent(struct play *p, const struct conversation *c, const struct sent *sent,
                      size_t num, struct arrivals *arrivals)
{
    uint32_t base[2] = {p->next[0], p->next[1]};
    size_t i, k;

    play_handshake(p);
    memset(arrivals, 0, sizeof(*arrivals));
    for (i = 0; i < num; i++) {
        const struct sent *s = &sent[i];

        p->next[1 - s->side] = base[1 - s->side] + (uint32_t)s->acked;
        play_raw(p, s->side, s->flags, base[s->side] + (uint32_t)s->from,
                 c->bytes[s->side] + s->from, s->to - s->from);
        for (k = s->from; k < s->to; k++)
            if (arrivals->frame[s->side][k] == 0)
                arrivals->frame[s->side][k] = p->packet.frame;
    }
    p->next[0] = base[0] + (uint32_t)c->len[0];
    p->next[1] = base[1] + (uint32_t)c->len[1];
    play_fin(p, 0);
    play_fin(p, 1);
}

/* Takes whole messages only; `say` 1: skips their bodies. */
static size_t take_messages(struct play *play, int side, const struct segment *segment)
{
    struct bytes data = segment->data;
    size_t len;

    (void)side;
    play->num_calls -= play->num_calls > 0; /* only those that are taken stay in the list */
    if (data.len < 2)
        return 0;
    len = 2 + ((size_t)data.at[0] << 8 | data.at[1]);
    if (data.len < len && play->say == 0)
        return 0;
    play->num_calls++;
    play->call[play->num_calls - 1].len = len;
    return len;
}

static int64_t latest(const struct arrivals *arrivals, int side, size_t to)
{
    int64_t frame = 0;
    size_t i;

    for (i = 0; i < to; i++)
        if (arrivals->frame[side][i] > frame)
            frame = arrivals->frame[side][i];
    return frame;
}

static void check_messages(const struct play *p, const struct conversation *c,
                           const struct arrivals *arrivals)
{
    size_t at[2] = {0, 0}, i;

    for (i = 0; i < p->num_calls; i++) {
        const struct play_call *call = &p->call[i];
        size_t want = c->message[call->side][at[call->side]++];

        if (call->offset != want || call->gap_before || call->gap_after ||
            call->first_frame != arrivals->frame[call->side][want])
            test_fail(__FILE__, __LINE__, "message at %llu from frame %lld, not %zu from %lld",
                      (unsigned long long)call->offset, (long long)call->first_frame, want,
                      (long long)arrivals->frame[call->side][want]);
        if (p->say == 0)
            CHECK_INT(call->frame, latest(arrivals, call->side, want + call->len));
    }
    CHECK_INT(at[0], c->num_messages[0]);
    CHECK_INT(at[1], c->num_messages[1]);
    for (i = 0; i < 2 && p->say == 0; i++)
        CHECK(memcmp(p->bytes[i], c->bytes[i], c->len[i]) == 0);
    CHECK_STR(p->problems, "");
    CHECK_STR(p->closed, "1:closed ");
}

static struct conversation talk;
static struct sent packets[MAX_PACKETS];
static struct arrivals brought;

static struct play *begin_round(unsigned seed, size_t *num)
{
    struct play *p = play_begin();

    random_state = 0x9E3779B97F4A7C15u * (seed + 1);
    make_conversation(&talk);
    *num = send_all(&talk, packets);
    p->consume = take_messages;
    p->next[0] = random_below(2) == 0 ? 0u - random_below(STREAM_ROOM) : random_below(UINT32_MAX);
    p->next[1] = random_below(2) == 0 ? 0u - random_below(STREAM_ROOM) : random_below(UINT32_MAX);
    return p;
}

enum { ROUNDS = 60 };

TEST(in_order_every_message_is_in_its_frame)
{
    unsigned seed;
    size_t num;

    for (seed = 0; seed < ROUNDS; seed++) {
        struct play *p = begin_round(seed, &num);

        p->say = seed % 2;
        play_sent(p, &talk, packets, num, &brought);
        check_messages(p, &talk, &brought);
        play_end(p);
    }
}

TEST(reordered_repeated_and_overlapping_it_is_the_same)
{
    unsigned seed;
    size_t num;

    for (seed = 0; seed < ROUNDS; seed++) {
        struct play *p = begin_round(seed, &num);

        p->say = seed % 4 == 3;
        if (seed % 3 != 0)
            shuffle(packets, num, 2 + seed % 15);
        if (seed % 3 != 1)
            num = repeat(packets, num);
        play_sent(p, &talk, packets, num, &brought);
        check_messages(p, &talk, &brought);
        play_end(p);
    }
}

TEST(without_the_handshake_it_is_the_same)
{
    unsigned seed;
    size_t num, i, kept;

    for (seed = 0; seed < ROUNDS; seed++) {
        struct play *p = begin_round(seed, &num);
        uint32_t base[2] = {p->next[0], p->next[1]};

        for (i = kept = 0; i < num; i++) {
            const struct sent *s = &packets[i];

            if (s->to == s->from)
                continue;
            p->next[1 - s->side] = base[1 - s->side] + (uint32_t)s->acked;
            play_raw(p, s->side, s->flags, base[s->side] + (uint32_t)s->from,
                     talk.bytes[s->side] + s->from, s->to - s->from);
            kept++;
        }
        CHECK_INT(p->num_calls, talk.num_messages[0] + talk.num_messages[1]);
        CHECK_STR(p->problems, "");
        play_end(p);
    }
}

TEST(a_lost_segment_is_one_gap)
{
    unsigned seed;
    size_t num, i;

    for (seed = 0; seed < ROUNDS; seed++) {
        struct play *p = begin_round(seed, &num);
        size_t lost, missing = 0, gaps = 0;
        struct sent gone;
        char want[64];

        p->consume = NULL;
        do
            lost = random_below((uint32_t)num);
        while (packets[lost].to == packets[lost].from ||
               packets[lost].to == talk.len[packets[lost].side]);
        gone = packets[lost];
        memmove(&packets[lost], &packets[lost + 1], (num - lost - 1) * sizeof(*packets));
        /* The first call claims the flow: a gap at the very start would not be told. */
        play_sent(p, &talk, packets, num - 1, &brought);
        flow_table_finish(p->table);
        for (i = 0; i < p->num_calls; i++) {
            gaps += p->call[i].gap_before;
            if (p->call[i].gap_before) {
                CHECK_INT(p->call[i].side, gone.side);
                CHECK_INT(p->call[i].offset, gone.to);
                CHECK_INT(p->call[i].first_frame, brought.frame[gone.side][gone.to]);
            }
        }
        for (i = 0; i < talk.len[gone.side]; i++)
            missing += !p->here[gone.side][i];
        CHECK_INT(gaps, 1);
        CHECK_INT(missing, gone.to - gone.from);
        snprintf(want, sizeof(want), "stream-gap@%lld:%zu ",
                 (long long)brought.frame[gone.side][gone.to], gone.to - gone.from);
        CHECK_STR(p->problems, want);
        for (i = 0; i < talk.len[gone.side]; i++)
            if (p->here[gone.side][i] && p->bytes[gone.side][i] != talk.bytes[gone.side][i])
                test_fail(__FILE__, __LINE__, "byte %zu is wrong", i);
        CHECK(memcmp(p->bytes[1 - gone.side], talk.bytes[1 - gone.side], talk.len[1 - gone.side]) ==
              0);
        CHECK_STR(p->closed, "1:closed ");
        play_end(p);
    }
}

TEST(frames_cut_by_a_snap_length)
{
    unsigned seed;
    size_t num, i;

    for (seed = 0; seed < ROUNDS; seed++) {
        struct play *p = begin_round(seed, &num);
        uint32_t base[2] = {p->next[0], p->next[1]};
        size_t kept = 0, here = 0, snap = 20 + seed;

        p->consume = NULL;
        if (seed % 2 == 1)
            shuffle(packets, num, 10);
        play_handshake(p);
        for (i = 0; i < num; i++) {
            const struct sent *s = &packets[i];
            size_t len = size_min(s->to - s->from, snap);

            p->next[1 - s->side] = base[1 - s->side] + (uint32_t)s->acked;
            play_cut(p, s->side, TCP_ACK, base[s->side] + (uint32_t)s->from,
                     talk.bytes[s->side] + s->from, len, s->to - s->from - len);
            kept += len;
        }
        flow_table_finish(p->table);
        for (i = 0; i < STREAM_ROOM; i++)
            here += (size_t)p->here[0][i] + p->here[1][i];
        CHECK_INT(here, kept);
        for (i = 0; i < STREAM_ROOM; i++)
            if ((p->here[0][i] && p->bytes[0][i] != talk.bytes[0][i]) ||
                (p->here[1][i] && p->bytes[1][i] != talk.bytes[1][i]))
                test_fail(__FILE__, __LINE__, "byte %zu is wrong", i);
        CHECK_STR(p->problems, "");
        play_end(p);
    }
}

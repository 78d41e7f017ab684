/* SPDX-License-Identifier: MIT */
/* The bytes of one direction: order, gaps, what is skipped, and which frame they are from. */
#include "flow_play.h"

static size_t take_none(struct play *play, int side, const struct segment *segment)
{
    (void)play;
    (void)side;
    (void)segment;
    return 0;
}

/* Lines end with ';'. */
static size_t take_lines(struct play *play, int side, const struct segment *segment)
{
    const uint8_t *end =
        segment->data.len == 0 ? NULL : memchr(segment->data.at, ';', segment->data.len);

    (void)play;
    (void)side;
    return end == NULL ? 0 : (size_t)(end - segment->data.at) + 1;
}

/* Takes `say` bytes at the first call, then everything. */
static size_t take_say(struct play *play, int side, const struct segment *segment)
{
    size_t say = play->say;

    (void)side;
    play->say = SIZE_MAX;
    return say == SIZE_MAX ? segment->data.len : say;
}

static struct play *open_play(void)
{
    struct play *p = play_begin();

    play_handshake(p);
    return p;
}

static const struct play_call *last_call(const struct play *p)
{
    return &p->call[p->num_calls - 1];
}

TEST(out_of_order)
{
    struct play *p = open_play();

    play_text_at(p, CLIENT, 6, "ghi"); /* frame 4 */
    play_text_at(p, CLIENT, 3, "def");
    CHECK_INT(p->num_calls, 0);
    play_text_at(p, CLIENT, 0, "abc"); /* frame 6 */
    CHECK(memcmp(p->bytes[CLIENT], "abcdefghi", 9) == 0);
    CHECK_INT(last_call(p)->frame, 6);
    CHECK_STR(p->problems, "");
    CHECK(!last_call(p)->gap_before);
    CHECK_INT(flow_table_memory(p->table, NULL), 0);
    play_end(p);
}

TEST(what_is_left_comes_again_with_more)
{
    struct play *p = open_play();

    p->consume = take_lines;
    play_text(p, CLIENT, "one;tw"); /* frame 4 */
    CHECK_INT(p->num_calls, 2);
    CHECK_STR(p->call[0].text, "one;tw");
    CHECK_STR(p->call[1].text, "tw");
    CHECK_INT(p->call[1].offset, 4);
    play_text(p, CLIENT, "o"); /* 5 */
    CHECK_STR(last_call(p)->text, "two");
    CHECK_INT(last_call(p)->first_frame, 4);
    CHECK_INT(last_call(p)->frame, 5);
    CHECK(flow_table_memory(p->table, NULL) > 0);
    play_text(p, CLIENT, ";three;four;f"); /* 6 */
    CHECK_INT(last_call(p)->offset, 19);
    CHECK_STR(last_call(p)->text, "f");
    CHECK_INT(last_call(p)->first_frame, 6);
    CHECK_STR(p->call[3].text, "two;three;four;f");
    CHECK_INT(p->call[3].first_frame, 4);
    CHECK_STR(p->call[4].text, "three;four;f");
    CHECK_INT(p->call[4].first_frame, 6);
    play_text(p, CLIENT, "ive;"); /* 7 */
    CHECK_INT(flow_table_memory(p->table, NULL), 0);
    play_end(p);
}

TEST(retransmitted_and_overlapping)
{
    struct play *p = open_play();

    play_text(p, CLIENT, "abcdef");
    play_text_at(p, CLIENT, -6, "abcdef");
    play_text_at(p, CLIENT, -3, "defghi");
    p->next[CLIENT] += 3;
    play_text_at(p, CLIENT, -9, "abcdefghijkl");
    p->next[CLIENT] += 3;
    CHECK(memcmp(p->bytes[CLIENT], "abcdefghijkl", 12) == 0);
    CHECK_INT(p->num_calls, 3);
    CHECK_INT(p->call[1].offset, 6);
    CHECK_INT(p->call[1].len, 3);
    CHECK_STR(p->problems, "");
    play_end(p);
}

TEST(the_first_copy_wins)
{
    struct play *p = open_play();

    p->consume = take_none;
    play_text(p, CLIENT, "abcdef");             /* 4: kept in the buffer */
    play_text_at(p, CLIENT, -6, "abXdef");      /* 5 */
    play_text_at(p, CLIENT, 3, "ghi");          /* 6: kept as early */
    play_text_at(p, CLIENT, 3, "gHi");          /* 7 */
    play_text_at(p, CLIENT, -3, "defxyzGHIjk"); /* 8: fills the gap; differs at the early ones */
    CHECK_STR(p->problems, "differing-retransmission@5:6 differing-retransmission@7:3 "
                           "differing-retransmission@8:5 ");
    CHECK_STR(last_call(p)->text, "abcdefxyzghijk");
    play_end(p);
}

TEST(a_differing_copy_of_what_is_gone)
{
    struct play *p = open_play();

    play_text(p, CLIENT, "abcdefghijklmnopqrstuvwxyz");
    play_text_at(p, CLIENT, -26, "abcdefghijklmnopqrstuvwxyz");
    CHECK_STR(p->problems, "");
    play_text_at(p, CLIENT, -26, "abcdefghijklmnopqrstuvwxyZ"); /* 6 */
    CHECK_STR(p->problems, "differing-retransmission@6:26 ");
    CHECK_INT(p->num_calls, 1);
    play_end(p);
}

TEST(keep_alives_mean_nothing)
{
    struct play *p = open_play();

    play_text(p, CLIENT, "abc");
    play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT] - 1, "\0", 1);
    play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT] - 1, NULL, 0);
    play_text(p, CLIENT, "def");
    CHECK_INT(p->num_calls, 2);
    p->consume = take_none;
    play_text(p, CLIENT, "ghi"); /* where what came is still at hand to compare */
    play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT] - 1, "\0", 1);
    CHECK_STR(p->problems, "");
    play_end(p);

    p = play_begin(); /* the first that is seen of a connection */
    play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT] - 1, "\0", 1);
    play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT] - 1, NULL, 0);
    play_ack(p, SERVER);
    play_text(p, CLIENT, "GET");
    CHECK_INT(p->num_calls, 1);
    CHECK_STR(p->call[0].text, "GET");
    CHECK_INT(p->call[0].offset, 0);
    CHECK(!p->call[0].gap_before);
    play_end(p);

    p = play_begin();
    play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT] - 1, NULL, 0);
    play_text(p, CLIENT, "GET");
    CHECK_INT(p->num_calls, 1);
    CHECK_STR(p->call[0].text, "GET");
    play_end(p);

    p = play_begin();
    play_ack(p, SERVER); /* says where the client is */
    play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT] - 1, "\0", 1);
    play_text(p, CLIENT, "GET");
    CHECK_INT(p->num_calls, 1);
    CHECK_STR(p->call[0].text, "GET");
    play_end(p);
}

TEST(sequence_numbers_wrap)
{
    struct play *p = play_begin();

    p->next[CLIENT] = 0xFFFFFFFE;
    play_handshake(p);
    play_text_at(p, CLIENT, 5, "fgh");
    play_text(p, CLIENT, "abcde");
    CHECK(memcmp(p->bytes[CLIENT], "abcdefgh", 8) == 0);
    CHECK_INT(p->next[CLIENT], 3);
    play_end(p);

    p = play_begin();
    p->next[CLIENT] = 0; /* the SYN is the last number */
    play_handshake(p);
    play_text(p, CLIENT, "abc");
    CHECK_INT(p->num_calls, 1);
    play_end(p);
}

TEST(a_start_that_was_not_captured)
{
    struct play *p = play_begin();

    play_text(p, CLIENT, "G"); /* a single byte is no keep-alive's when it is not 0 */
    play_text(p, CLIENT, "ET");
    CHECK_INT(p->num_calls, 2);
    CHECK_STR(p->call[0].text, "G");
    play_end(p);

    p = play_begin();
    p->consume = take_none;
    play_text_at(p, CLIENT, 6, "ghi"); /* 1: taken for the start */
    CHECK_INT(p->call[0].offset, 0);
    play_text_at(p, CLIENT, 0, "abcdef"); /* 2: earlier, and nothing was consumed */
    CHECK_STR(last_call(p)->text, "abcdefghi");
    CHECK_INT(last_call(p)->offset, 0);
    CHECK_INT(last_call(p)->first_frame, 2);
    play_text_at(p, CLIENT, -4, "WX"); /* 3: earlier again, with a gap */
    CHECK_STR(last_call(p)->text, "WX");
    play_text_at(p, CLIENT, -2, "YZ");
    CHECK_STR(last_call(p)->text, "WXYZabcdefghi");
    CHECK_STR(p->problems, "");
    play_end(p);

    p = play_begin(); /* consumed: it stays where it was */
    play_text_at(p, CLIENT, 6, "ghi");
    play_text_at(p, CLIENT, 0, "abcdef");
    play_text_at(p, CLIENT, 9, "jkl");
    CHECK_INT(p->num_calls, 2);
    CHECK_INT(p->call[1].offset, 3);
    play_end(p);

    p = open_play(); /* nothing comes before a SYN */
    play_text_at(p, CLIENT, -2, "xyabc");
    CHECK_STR(p->call[0].text, "abc");
    CHECK_INT(p->num_calls, 1);
    play_end(p);
}

static void play_quiet(struct play *p, int64_t ms)
{
    p->packet.time_ns += ms * 1000000;
}

TEST(a_gap_is_given_up_some_frames_after_its_acknowledgement)
{
    struct play *p = open_play();
    int i;

    play_text(p, CLIENT, "abc"); /* 4 */
    p->next[CLIENT] += 5;        /* lost */
    play_text(p, CLIENT, "ijk"); /* 5 */
    for (i = 0; i < 200; i++)    /* 6..205: not acknowledged */
        play_raw(p, CLIENT, TCP_ACK, p->next[CLIENT], NULL, 0);
    CHECK_INT(p->num_calls, 1);
    play_ack(p, SERVER); /* 206 */
    for (i = 0; i < 30; i++)
        play_ack(p, CLIENT);
    CHECK_INT(p->num_calls, 1);
    for (i = 0; i < 40; i++)
        play_ack(p, CLIENT);
    CHECK_INT(p->num_calls, 3);
    CHECK(p->call[1].gap_after && p->call[1].len == 0 && !p->call[1].ended);
    CHECK_INT(p->call[1].offset, 3);
    CHECK(p->call[2].gap_before && !p->call[2].gap_after);
    CHECK_INT(p->call[2].offset, 8);
    CHECK_STR(p->call[2].text, "ijk");
    CHECK_INT(p->call[2].frame, 5); /* that is where the bytes are */
    CHECK_INT(p->call[2].first_frame, 5);
    CHECK_STR(p->problems, "stream-gap@5:5 ");
    play_text(p, CLIENT, "l");
    CHECK(!last_call(p)->gap_before);
    play_end(p);
}

TEST(a_gap_is_given_up_when_it_was_quiet_for_a_while)
{
    struct play *p = open_play();

    p->next[CLIENT] += 5;
    play_text(p, CLIENT, "ijk"); /* 4 */
    play_ack(p, SERVER);
    play_ack(p, SERVER);
    CHECK_INT(p->num_calls, 0);
    play_quiet(p, 1000);
    play_text(p, SERVER, "answer"); /* 7 */
    CHECK_INT(p->num_calls, 3);
    CHECK_STR(p->call[0].text, "answer");
    CHECK_INT(p->call[1].side, CLIENT);
    CHECK_STR(p->call[2].text, "ijk");
    p->next[SERVER] += 4;           /* lost, and nobody acknowledges it */
    play_text(p, SERVER, "beyond"); /* 8 */
    play_text_at(p, SERVER, 0, ", more");
    play_quiet(p, 20000);
    play_raw(p, SERVER, TCP_ACK, p->next[SERVER], NULL, 0);
    CHECK_INT(p->num_calls, 3);
    play_quiet(p, 20000);
    play_raw(p, SERVER, TCP_ACK, p->next[SERVER], NULL, 0);
    CHECK_STR(p->call[p->num_calls - 2].text, "beyond"); /* each as it came */
    CHECK(p->call[p->num_calls - 2].gap_before);
    CHECK_INT(p->call[p->num_calls - 2].frame, 8);
    CHECK_STR(last_call(p)->text, ", more");
    CHECK_INT(last_call(p)->frame, 9);
    CHECK_STR(p->problems, "stream-gap@4:5 stream-gap@8:4 ");
    play_end(p);
}

TEST(a_single_stray_packet_far_ahead_does_not_count)
{
    struct play *p = open_play();

    play_text(p, SERVER, "abc");
    play_text_at(p, SERVER, 0x20000000, "stray");
    play_quiet(p, 100000);
    play_text(p, SERVER, "def");
    play_quiet(p, 100000);
    play_text(p, SERVER, "ghi");
    CHECK_STR(last_call(p)->text, "ghi");
    CHECK(!last_call(p)->gap_before);
    CHECK_INT(p->num_calls, 3);
    play_end(p);
}

TEST(a_frame_longer_than_a_stream_may_hold)
{
    struct play *p = open_play();
    struct flow_limits limits = {100, 100, 10, 4, 1 << 20};

    flow_table_limit(p->table, &limits);
    p->consume = take_none;
    play_text_at(p, CLIENT, 5, "abcdefghijklmnopqrstuvwxyz");
    play_text_at(p, CLIENT, 0, "01234");
    CHECK_INT(last_call(p)->len, 10);
    CHECK_STR(last_call(p)->text, "abcdefghij");
    CHECK(last_call(p)->gap_after);
    play_text_at(p, CLIENT, 31, "abcdefghijklmnopqrstuvwxyz");
    CHECK_STR(last_call(p)->text, "abcdefghij");
    play_end(p);
}

TEST(an_acknowledgement_before_its_data)
{
    struct play *p = open_play();
    int i;

    p->next[CLIENT] += 5;
    play_ack(p, SERVER); /* of the five */
    p->next[CLIENT] -= 5;
    play_text_at(p, CLIENT, 5, "fgh");
    p->next[CLIENT] += 8;
    for (i = 0; i < 10; i++)
        play_ack(p, SERVER);
    p->next[CLIENT] -= 8;
    play_text_at(p, CLIENT, 0, "abcde");
    CHECK(memcmp(p->bytes[CLIENT], "abcdefgh", 8) == 0);
    CHECK(!p->call[0].gap_before && !p->call[1].gap_before);
    CHECK_STR(p->problems, "");
    play_end(p);
}

TEST(a_frame_that_was_cut)
{
    struct play *p = open_play();

    p->consume = take_lines;
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT], "one;two", 7, 20); /* 4 */
    p->next[CLIENT] += 27;
    CHECK_INT(p->num_calls, 2);
    CHECK(p->call[0].gap_after && p->call[1].gap_after);
    CHECK_STR(p->call[1].text, "two");
    play_text(p, CLIENT, "three;"); /* 5 */
    CHECK_INT(last_call(p)->offset, 27);
    CHECK(last_call(p)->gap_before);
    CHECK_STR(last_call(p)->text, "three;");
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT], NULL, 0, 9); /* 6: headers only */
    p->next[CLIENT] += 9;
    CHECK(last_call(p)->gap_after && last_call(p)->len == 0);
    CHECK_INT(last_call(p)->offset, 33);
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT] + 10, "late;", 5, 5); /* early, and cut */
    play_text(p, CLIENT, "0123456789");
    CHECK_INT(last_call(p)->offset, 42);
    CHECK_STR(last_call(p)->text, "0123456789late;");
    CHECK(last_call(p)->gap_after);
    p->next[CLIENT] += 10;
    play_text(p, CLIENT, "end;");
    CHECK_INT(last_call(p)->offset, 62);
    CHECK(last_call(p)->gap_before);
    CHECK_INT(flow_table_memory(p->table, NULL), 0);
    play_end(p);
}

TEST(what_is_missing_of_an_early_frame_comes_another_way)
{
    struct play *p = open_play();

    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT] + 10, "abcde", 5, 5); /* [10,15), [15,20) cut */
    play_text_at(p, CLIENT, 17, "xyz");                                /* [17,20) */
    play_text_at(p, CLIENT, 15, "v");                                  /* [15,16) */
    play_text_at(p, CLIENT, 0, "0123456789");
    CHECK_INT(p->num_calls, 3); /* [16,17) may come as well */
    play_text_at(p, CLIENT, 16, "w");
    CHECK(memcmp(p->bytes[CLIENT], "0123456789abcdevwxyz", 20) == 0);
    CHECK(!last_call(p)->gap_before);
    play_end(p);

    p = open_play();
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT] + 10, "abcde", 5, 5); /* [10,15), [15,20) cut */
    play_text_at(p, CLIENT, 17, "xyz");                                /* [17,20) */
    play_text_at(p, CLIENT, 0, "0123456789");
    CHECK_INT(p->num_calls, 3);
    CHECK(p->call[1].gap_after && p->call[2].gap_before);
    CHECK_INT(p->call[2].offset, 17);
    CHECK_STR(p->call[2].text, "xyz");
    play_end(p);

    p = open_play();
    play_text_at(p, CLIENT, 10, "abcde");                          /* [10,15) */
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT], "01234", 5, 10); /* [0,5), [5,15) cut */
    CHECK_INT(p->num_calls, 2);
    CHECK(p->call[0].gap_after);
    CHECK_STR(p->call[1].text, "abcde");
    CHECK_INT(p->call[1].offset, 10);
    CHECK(p->call[1].gap_before);
    play_end(p);
}

TEST(skipping_ahead)
{
    struct play *p = open_play();

    p->consume = take_say;
    p->say = 12;
    play_text(p, CLIENT, "abcd");      /* to offset 12 */
    play_text_at(p, CLIENT, 4, "ijk"); /* [8,11) out of order: [4,8) is only skipped */
    play_text_at(p, CLIENT, 7, "lm");  /* [11,13): of which one is wanted */
    CHECK_INT(p->num_calls, 2);
    CHECK_INT(p->call[1].offset, 12);
    CHECK_STR(p->call[1].text, "m");
    CHECK(!p->call[1].gap_before);
    CHECK_INT(p->call[1].frame, 6);
    play_text_at(p, CLIENT, 0, "efgh"); /* late, and of no interest */
    CHECK_INT(p->num_calls, 2);
    p->say = 10;
    play_text_at(p, CLIENT, 9, "n");    /* [13,14), to offset 23 */
    play_text_at(p, CLIENT, 25, "zz");  /* [29,31) */
    play_text_at(p, CLIENT, 18, "xyz"); /* [22,25): covers the target */
    CHECK_INT(last_call(p)->offset, 23);
    CHECK_STR(last_call(p)->text, "yz");
    CHECK_INT(last_call(p)->frame, 10);
    play_end(p);
}

TEST(skipping_past_bytes_that_came_early)
{
    struct play *p = open_play();

    play_text_at(p, CLIENT, 10, "klm"); /* [10,13) */
    play_text_at(p, CLIENT, 20, "uvw"); /* [20,23) */
    p->consume = take_say;
    p->say = 21;
    play_text_at(p, CLIENT, 0, "abc");
    CHECK_INT(p->num_calls, 2);
    CHECK_INT(p->call[1].offset, 21);
    CHECK_STR(p->call[1].text, "vw");
    CHECK_INT(p->call[1].first_frame, 5);
    CHECK_INT(p->call[1].frame, 6);
    CHECK_INT(flow_table_memory(p->table, NULL), 0);
    play_end(p);
}

TEST(a_skip_that_ends_in_a_gap)
{
    struct play *p = open_play();

    p->consume = take_say;
    p->say = 10;
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT], "abcd", 4, 16); /* [0,20), to offset 10 */
    p->next[CLIENT] += 20;
    CHECK_INT(p->num_calls, 2);
    CHECK_INT(p->call[1].offset, 10);
    CHECK(p->call[1].gap_after && p->call[1].len == 0);
    CHECK_INT(p->call[1].frame, 4);
    play_text(p, CLIENT, "uvw");
    CHECK(last_call(p)->gap_before);
    CHECK_INT(last_call(p)->offset, 20);
    /* Over a gap as a whole nothing is missing. */
    p->say = 30;
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT], "x", 1, 9); /* [23,33), to 53 */
    p->next[CLIENT] += 10;
    CHECK_INT(p->num_calls, 4);
    play_cut(p, CLIENT, TCP_ACK, p->next[CLIENT], "y", 1, 19); /* [33,53) */
    p->next[CLIENT] += 20;
    CHECK_INT(p->num_calls, 4);
    play_text(p, CLIENT, "z");
    CHECK(!last_call(p)->gap_before);
    CHECK_INT(last_call(p)->offset, 53);
    CHECK_STR(p->problems, "");
    play_end(p);
}

TEST(an_end_before_the_skip_is_done)
{
    struct play *p = open_play();

    p->consume = take_say;
    p->say = 100;
    play_text(p, CLIENT, "abcd");
    play_text(p, CLIENT, "efgh");
    play_fin(p, CLIENT);
    CHECK_INT(p->num_calls, 2);
    CHECK(p->call[1].ended && p->call[1].by_fin);
    CHECK_INT(p->call[1].offset, 8);
    play_end(p);
}

TEST(a_fin_before_the_last_bytes)
{
    struct play *p = open_play();

    play_raw(p, CLIENT, TCP_ACK | TCP_FIN, p->next[CLIENT] + 3, NULL, 0); /* 4 */
    CHECK_INT(p->num_calls, 0);
    play_text(p, CLIENT, "abc"); /* 5 */
    CHECK_INT(p->num_calls, 2);
    CHECK(!p->call[0].ended);
    CHECK(p->call[1].by_fin);
    CHECK_INT(p->call[1].frame, 5);
    play_text(p, CLIENT, "beyond the end");
    CHECK_INT(p->num_calls, 2);
    play_end(p);
}

TEST(nothing_belongs_behind_a_fin)
{
    struct play *p = open_play();

    play_raw(p, CLIENT, TCP_ACK | TCP_FIN, p->next[CLIENT] + 3, NULL, 0);
    play_text(p, CLIENT, "abcdef");
    CHECK_INT(p->num_calls, 2);
    CHECK_STR(p->call[0].text, "abc");
    CHECK(p->call[1].by_fin);
    CHECK_INT(p->call[1].len, 0);
    play_end(p);
}

TEST(a_fin_whose_last_bytes_are_lost)
{
    struct play *p = open_play();

    p->consume = take_lines;
    play_text(p, CLIENT, "one;tw"); /* 4 */
    play_raw(p, CLIENT, TCP_ACK | TCP_FIN, p->next[CLIENT] + 3, NULL, 0);
    p->next[CLIENT] += 4;
    play_ack(p, SERVER);
    play_quiet(p, 1000);
    play_ack(p, SERVER);
    CHECK(last_call(p)->ended && !last_call(p)->by_fin && last_call(p)->gap_after);
    CHECK_STR(last_call(p)->text, "tw");
    CHECK_INT(last_call(p)->frame, 4);
    play_fin(p, SERVER);
    CHECK_STR(p->closed, "1:closed ");
    CHECK(strstr(p->problems, ":3 ") != NULL);
    play_end(p);
}

TEST(the_end_of_the_capture)
{
    struct play *p = open_play();

    p->consume = take_lines;
    play_text(p, CLIENT, "one;tw");         /* 4 */
    play_text_at(p, CLIENT, 10, "three;f"); /* 5 */
    play_text(p, SERVER, "answ");           /* 6 */
    flow_table_finish(p->table);
    CHECK_INT(p->num_calls, 8);
    CHECK_STR(p->call[3].text, "tw");
    CHECK(p->call[3].gap_after && !p->call[3].ended);
    CHECK_INT(p->call[3].frame, 4);
    CHECK_STR(p->call[4].text, "three;f");
    CHECK(p->call[4].gap_before);
    CHECK_INT(p->call[4].frame, 5);
    CHECK_STR(p->call[5].text, "f");
    CHECK(p->call[6].ended && p->call[6].side == CLIENT);
    CHECK_STR(p->call[6].text, "f");
    CHECK(p->call[7].ended && p->call[7].side == SERVER);
    CHECK_STR(p->closed, "1:opened ");
    play_end(p);
}

TEST(the_end_of_the_capture_tells_of_every_side)
{
    struct play *p = open_play();

    p->consume = take_lines;
    play_text(p, CLIENT, "one;");
    play_text(p, SERVER, "answ"); /* 5 */
    flow_table_finish(p->table);
    CHECK_INT(p->num_calls, 4);
    CHECK(p->call[2].side == CLIENT && p->call[2].ended && p->call[2].len == 0);
    CHECK_INT(p->call[2].frame, 4);
    CHECK(p->call[3].side == SERVER && p->call[3].ended && !p->call[3].by_fin);
    CHECK_STR(p->call[3].text, "answ");
    CHECK_INT(p->call[3].frame, 5);
    play_end(p);
}

TEST(one_stream_holds_so_much)
{
    struct play *p = open_play();
    struct flow_limits limits = {100, 100, 1000, 4, 1 << 20};
    char many[101];
    int i;

    memset(many, 'x', 100);
    many[100] = '\0';
    flow_table_limit(p->table, &limits);
    p->consume = take_none;
    for (i = 0; i < 10; i++)
        play_text(p, CLIENT, many);
    CHECK_INT(last_call(p)->len, 1000);
    play_text(p, CLIENT, "y"); /* no room: what was waiting is given up */
    CHECK_STR(p->problems, "limit-stream@14:1000 ");
    CHECK(p->call[p->num_calls - 2].gap_after);
    CHECK_INT(p->call[p->num_calls - 2].len, 1000);
    CHECK(last_call(p)->gap_before);
    CHECK_STR(last_call(p)->text, "y");
    p->consume = NULL;
    play_text(p, CLIENT, "z");
    p->num_calls = 0;
    for (i = 0; i < 4; i++) /* ranges */
        play_text_at(p, CLIENT, 10 + 10 * i, "early");
    CHECK_INT(p->num_calls, 0);
    play_text_at(p, CLIENT, 100, "early");
    CHECK_INT(p->num_calls, 2);
    CHECK(p->call[1].gap_before);
    CHECK_STR(p->call[1].text, "early");
    CHECK(strstr(p->problems, "stream-gap@16:10") != NULL);
    play_end(p);
}

TEST(all_streams_together_hold_so_much)
{
    struct play *p = play_begin();
    struct flow_limits limits = {100, 100, 1 << 20, 256, 40000};
    char many[1001];
    int i;
    size_t peak;

    memset(many, 'x', 1000);
    many[1000] = '\0';
    flow_table_limit(p->table, &limits);
    p->consume = take_none;
    for (i = 0; i < 100; i++) {
        p->packet.sport++;
        play_handshake(p);
        play_text(p, CLIENT, many);
    }
    CHECK(flow_table_memory(p->table, &peak) <= 40000);
    CHECK(peak > 30000 && peak < 50000);
    CHECK(strncmp(p->problems, "limit-reassembly@", 17) == 0);
    play_end(p);
}

/* --limit-memory: `waiting` streams of 1000 bytes each under a bound; whether it was met. */
static bool meets_memory_limit(size_t bound, int waiting)
{
    struct play *p = play_begin();
    char many[1001];
    bool met;
    int i;

    memset(many, 'x', 1000);
    many[1000] = '\0';
    flow_table_limit_memory(p->table, bound);
    p->consume = take_none;
    for (i = 0; i < waiting; i++) {
        p->packet.sport++;
        play_handshake(p);
        play_text(p, CLIENT, many);
    }
    CHECK(flow_table_memory(p->table, NULL) <= bound);
    met = strstr(p->problems, "limit-reassembly@") != NULL;
    play_end(p);
    return met;
}

TEST(the_memory_limit_alone)
{
    struct play *p = play_begin();
    char text[1001];
    size_t each;

    memset(text, 'x', 1000);
    text[1000] = '\0';
    p->consume = take_none;
    p->packet.sport++;
    play_handshake(p);
    play_text(p, CLIENT, text);
    each = flow_table_memory(p->table, NULL);
    play_end(p);
    CHECK(each >= 1000);
    CHECK(!meets_memory_limit(20 * each, 19));
    CHECK(!meets_memory_limit(20 * each, 20));
    CHECK(meets_memory_limit(20 * each, 21));
}

static size_t ignore_late(struct play *play, int side, const struct segment *segment)
{
    (void)play;
    (void)side;
    return segment->gap_after || segment->gap_before ? FLOW_IGNORE : 0;
}

TEST(ignoring_in_the_middle_of_things)
{
    struct play *p = open_play();

    p->consume = ignore_late;
    play_text(p, CLIENT, "abc");
    play_text_at(p, CLIENT, 10, "early");
    play_text_at(p, SERVER, 10, "early");
    flow_table_finish(p->table);
    CHECK_STR(p->closed, "1:opened ");
    CHECK_INT(p->num_calls, 2);
    p->packet.sport++;
    play_handshake(p);
    play_text(p, CLIENT, "abc");
    play_text_at(p, CLIENT, 10, "early");
    play_cut(p, SERVER, TCP_ACK, p->next[SERVER], "abc", 3, 3);
    CHECK_STR(p->closed, "1:opened 2:opened ");
    play_end(p);
}

TEST(many_gaps_and_their_frames)
{
    struct play *p = open_play();
    char text[16];
    int i;

    p->consume = take_none;
    for (i = 2999; i >= 0; i--) { /* in reverse: never more than a few ranges */
        snprintf(text, sizeof(text), "%04d", i);
        play_text_at(p, CLIENT, i * 4, text);
    }
    CHECK_STR(p->problems, "");
    CHECK_INT(last_call(p)->len, 12000);
    CHECK_INT(last_call(p)->first_frame, 3003);
    CHECK(memcmp(last_call(p)->text, "000000010002", 12) == 0);
    play_end(p);
}

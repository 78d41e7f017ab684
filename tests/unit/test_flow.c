/* SPDX-License-Identifier: MIT */
/* Connections: who is who, how they begin and end, and how many are remembered. */
#include "flow_play.h"

TEST(a_whole_connection)
{
    struct play *p = play_begin();

    play_handshake(p);
    play_text(p, CLIENT, "GET");
    play_text(p, SERVER, "401");
    CHECK_INT(p->num_calls, 2);
    CHECK_INT(p->call[0].side, CLIENT);
    CHECK_INT(p->call[0].frame, 4);
    CHECK_INT(p->call[0].first_frame, 4);
    CHECK(!p->call[0].gap_before && !p->call[0].gap_after);
    CHECK_STR(p->call[1].text, "401");
    CHECK_INT(p->call[1].side, SERVER);
    play_fin(p, SERVER);
    CHECK_INT(p->num_calls, 3);
    CHECK(p->call[2].ended && p->call[2].by_fin && p->call[2].gap_after);
    CHECK_INT(p->call[2].offset, 3);
    CHECK_INT(p->call[2].frame, 6);
    CHECK_STR(p->closed, "");
    play_fin(p, CLIENT);
    CHECK_STR(p->closed, "1:closed ");
    play_ack(p, SERVER); /* stragglers belong to nobody */
    play_text(p, SERVER, "late");
    CHECK_INT(p->num_calls, 4);
    CHECK_STR(p->problems, "");
    play_end(p);
}

TEST(data_in_the_syn_and_with_the_fin)
{
    struct play *p = play_begin();

    play_raw(p, CLIENT, TCP_SYN, p->next[CLIENT] - 1, "GET", 3);
    p->next[CLIENT] += 3;
    play_raw(p, SERVER, TCP_SYN | TCP_ACK, p->next[SERVER] - 1, NULL, 0);
    play_raw(p, SERVER, TCP_FIN | TCP_ACK, p->next[SERVER], "200", 3);
    CHECK_INT(p->num_calls, 3);
    CHECK_STR(p->call[0].text, "GET");
    CHECK_INT(p->call[0].offset, 0);
    CHECK_STR(p->call[1].text, "200");
    CHECK(!p->call[1].ended);
    CHECK(p->call[2].by_fin);
    CHECK_INT(p->call[2].frame, 3);
    play_end(p);
}

TEST(a_side_that_ends_before_anybody_said_anything)
{
    struct play *p = play_begin();

    play_handshake(p);
    play_fin(p, CLIENT);
    play_text(p, SERVER, "bye");
    play_fin(p, SERVER);
    CHECK_STR(p->closed, "1:closed ");
    CHECK_INT(p->num_calls, 2);
    play_end(p);
}

TEST(what_became_of_a_connection)
{
    struct play *p = play_begin();

    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0); /* 1: refused */
    p->next[CLIENT] = 1000;
    play_raw(p, SERVER, TCP_RST | TCP_ACK, 0, NULL, 0);
    CHECK_STR(p->closed, "1:refused ");
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0); /* Windows repeats the same SYN */
    play_raw(p, SERVER, TCP_RST | TCP_ACK, 0, NULL, 0);
    CHECK_STR(p->closed, "1:refused ");
    p->packet.sport++;
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0); /* 2: unanswered */
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
    p->packet.sport++;
    play_handshake(p); /* 3: reset with something left over */
    p->consume = NULL;
    play_text(p, CLIENT, "GET");
    play_raw(p, SERVER, TCP_RST, p->next[SERVER], NULL, 0);
    p->packet.sport++;
    play_handshake(p); /* 4: open without data */
    p->packet.sport++;
    play_handshake(p); /* 5: closed without data */
    play_fin(p, CLIENT);
    play_fin(p, SERVER);
    CHECK_STR(p->closed, "1:refused 3:reset 5:closed ");
    CHECK_INT(p->num_calls, 2);
    CHECK(p->call[1].ended && !p->call[1].by_fin);
    flow_table_finish(p->table);
    CHECK_STR(p->closed, "1:refused 3:reset 5:closed 2:unanswered 4:opened ");
    play_end(p);
}

TEST(a_reset_far_out_of_the_window_is_not_believed)
{
    struct play *p = play_begin();

    play_handshake(p);
    play_text(p, CLIENT, "GET");
    play_raw(p, CLIENT, TCP_RST, p->next[CLIENT] + 0x40000000, NULL, 0);
    play_raw(p, CLIENT, TCP_RST, p->next[CLIENT] - 0x40000000, NULL, 0);
    CHECK_STR(p->closed, "");
    play_text(p, CLIENT, " /");
    CHECK_INT(p->num_calls, 2);
    play_raw(p, CLIENT, TCP_RST, p->next[CLIENT], NULL, 0);
    CHECK_STR(p->closed, "1:reset ");
    p->packet.sport++;
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
    p->next[CLIENT] = 77777777;
    play_raw(p, SERVER, TCP_RST | TCP_ACK, 0, NULL, 0); /* acknowledges what was not sent */
    CHECK_STR(p->closed, "1:reset ");
    play_end(p);
}

static struct flow seen_flow;

static size_t see_flow(void *user, struct flow *flow, int side, const struct segment *segment)
{
    (void)user;
    (void)side;
    seen_flow = *flow;
    return segment->data.len;
}

static void see_end(void *user, struct flow *flow, const char *what)
{
    (void)user;
    (void)what;
    seen_flow = *flow;
}

static struct flow first_flow(int side, uint8_t flags, uint16_t sport, uint16_t dport)
{
    struct play *p = play_begin();
    struct flow_events events = {NULL, see_flow, see_end, NULL};

    flow_table_close(p->table);
    p->table = flow_table_open(&events);
    p->packet.sport = sport;
    p->packet.dport = dport;
    memset(&seen_flow, 0, sizeof(seen_flow));
    play_raw(p, side, flags, 4711, "x y", 3);
    play_end(p);
    return seen_flow;
}

TEST(who_opened_it)
{
    CHECK_INT(first_flow(CLIENT, TCP_SYN, 80, 50000).port[0], 80);
    CHECK_INT(first_flow(SERVER, TCP_SYN | TCP_ACK, 80, 50000).port[0], 80);
    CHECK_INT(first_flow(SERVER, TCP_ACK, 50000, 80).port[0], 50000);
    CHECK_INT(first_flow(CLIENT, TCP_ACK, 50000, 80).port[0], 50000);
    CHECK_INT(first_flow(CLIENT, TCP_ACK, 88, 88).address[0].octet[3], 3);
    CHECK_INT(first_flow(SERVER, TCP_ACK, 88, 88).address[0].octet[3], 2);
    CHECK(first_flow(CLIENT, TCP_SYN, 50000, 80).saw_syn);
    CHECK(!first_flow(CLIENT, TCP_ACK, 50000, 80).saw_syn);
    CHECK(first_flow(SERVER, TCP_SYN | TCP_ACK, 50000, 80).saw_syn_ack);
    CHECK_INT(first_flow(CLIENT, TCP_SYN, 50000, 80).stream_bytes[0], 3);
    CHECK_INT(first_flow(CLIENT, TCP_SYN, 50000, 80).first_frame, 1);
}

TEST(a_syn_behind_what_follows_it)
{
    struct play *p = play_begin();

    play_ack(p, CLIENT);
    play_text(p, CLIENT, "GET");
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
    play_text(p, CLIENT, " /");
    CHECK_STR(p->closed, "");
    CHECK_INT(p->num_calls, 2);
    CHECK_INT(p->call[1].offset, 3);
    play_end(p);
}

TEST(a_syn_knows_better_than_the_ports)
{
    struct play *p = play_begin();

    p->packet.sport = 80;
    p->packet.dport = 50000;
    play_ack(p, CLIENT);
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
    play_text(p, CLIENT, "GET");
    play_text(p, SERVER, "200");
    CHECK_INT(p->call[0].side, CLIENT);
    CHECK_STR(p->call[0].text, "GET");
    CHECK_INT(p->call[1].side, SERVER);
    CHECK_INT(p->call[1].flow, 1);
    play_end(p);
}

TEST(ports_used_again)
{
    struct play *p = play_begin();

    play_handshake(p);
    play_text(p, CLIENT, "first");
    play_text(p, SERVER, "one");
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0); /* a repeated SYN is nothing new */
    CHECK_STR(p->closed, "");
    p->next[CLIENT] = 700000;
    p->next[SERVER] = 90;
    play_handshake(p);
    CHECK_STR(p->closed, "1:opened ");
    play_text(p, CLIENT, "second");
    play_text(p, SERVER, "two");
    CHECK_INT(p->call[p->num_calls - 2].flow, 2);
    CHECK_INT(p->call[p->num_calls - 2].offset, 0);
    CHECK_STR(p->call[p->num_calls - 2].text, "second");
    CHECK_STR(p->call[p->num_calls - 1].text, "two");
    play_fin(p, CLIENT);
    play_fin(p, SERVER);
    p->next[CLIENT] = 5;
    p->next[SERVER] = 6;
    /* The SYN of the third was not captured, only its answer. */
    play_raw(p, SERVER, TCP_SYN | TCP_ACK, p->next[SERVER] - 1, NULL, 0);
    play_text(p, CLIENT, "third");
    CHECK_INT(p->call[p->num_calls - 1].flow, 3);
    CHECK_INT(p->call[p->num_calls - 1].side, CLIENT);
    CHECK_STR(p->closed, "1:opened 2:closed ");
    play_end(p);
}

static size_t ignore(struct play *play, int side, const struct segment *segment)
{
    (void)play;
    (void)side;
    (void)segment;
    return FLOW_IGNORE;
}

TEST(an_ignored_flow_stays_ignored_until_its_ports_are_used_again)
{
    struct play *p = play_begin();

    p->consume = ignore;
    play_handshake(p);
    play_text(p, CLIENT, "GET");
    CHECK_STR(p->closed, "1:opened ");
    play_text(p, SERVER, "401");
    play_text_at(p, CLIENT, 100, "ahead");
    CHECK_INT(p->num_calls, 1);
    CHECK_INT(flow_table_memory(p->table, NULL), 0);
    p->consume = NULL;
    p->next[CLIENT] = 70000;
    play_handshake(p);
    play_text(p, CLIENT, "GET");
    CHECK_INT(p->num_calls, 2);
    CHECK_INT(p->call[1].flow, 2);
    play_end(p);
}

TEST(more_flows_than_are_remembered)
{
    struct play *p = play_begin();
    struct flow_limits limits = {4, 4, 1 << 20, 256, 1 << 20};
    int i;

    flow_table_limit(p->table, &limits);
    for (i = 0; i < 4; i++) { /* 1 to 4 */
        p->packet.sport = (uint16_t)(50000 + i);
        p->next[CLIENT] = 1000;
        play_handshake(p);
        play_text_at(p, CLIENT, 4, "behind a gap");
    }
    p->packet.sport = 50004; /* 5 */
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
    CHECK_STR(p->closed, "1:opened ");
    CHECK(p->call[0].gap_after && p->call[0].len == 0);
    CHECK(p->call[1].gap_before);
    CHECK_STR(p->call[1].text, "behind a gap");
    p->packet.sport = 50005; /* 6 */
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
    CHECK_STR(p->closed, "1:opened 2:opened ");
    flow_table_finish(p->table);
    CHECK(strstr(p->problems, "limit-flows@") != NULL);
    CHECK_STR(p->closed, "1:opened 2:opened 3:opened 4:opened 5:unanswered 6:unanswered ");
    play_end(p);
}

TEST(more_connections_with_data_than_are_kept)
{
    struct play *p = play_begin();
    struct flow_limits limits = {1000, 4, 1 << 20, 256, 1 << 20};
    int i;

    flow_table_limit(p->table, &limits);
    for (i = 0; i < 8; i++) {
        p->packet.sport = (uint16_t)(50000 + i);
        p->next[CLIENT] = 1000;
        play_handshake(p);
        play_text(p, CLIENT, "GET");
        p->packet.sport = 50000; /* the first one is always busy */
        p->next[CLIENT] = 1003 + (uint32_t)i;
        play_text(p, CLIENT, "x");
    }
    CHECK_STR(p->closed, "2:opened 3:opened 4:opened 5:opened ");
    CHECK_INT(p->call[p->num_calls - 1].flow, 1);
    p->packet.sport = 50001; /* let go: as good as closed */
    play_text(p, CLIENT, "late");
    CHECK_INT(p->call[p->num_calls - 1].flow, 1);
    flow_table_finish(p->table);
    CHECK(strstr(p->problems, "limit-flows@") != NULL);
    play_end(p);
}

TEST(closed_flows_are_let_go_first_and_silently)
{
    struct play *p = play_begin();
    struct flow_limits limits = {4, 4, 1 << 20, 256, 1 << 20};
    int i;

    flow_table_limit(p->table, &limits);
    play_handshake(p);
    p->packet.sport = 50100;
    for (i = 0; i < 1000; i++) {
        p->packet.sport++;
        play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
        play_raw(p, SERVER, TCP_RST | TCP_ACK, 0, NULL, 0);
        if (i % 3 == 0) { /* the same pair again: it is in the list of the closed already */
            play_raw(p, CLIENT, TCP_SYN, 12345, NULL, 0);
            p->next[CLIENT] = 12346;
            play_raw(p, SERVER, TCP_RST | TCP_ACK, 0, NULL, 0);
            p->next[CLIENT] = 1000;
        }
    }
    p->packet.sport = 50044;
    play_text(p, CLIENT, "GET");
    CHECK_INT(p->num_calls, 1);
    CHECK_INT(p->call[0].flow, 1);
    CHECK_STR(p->problems, "");
    p->closed[0] = '\0';
    play_end(p);
}

TEST(a_pair_that_came_back_to_life_is_not_let_go)
{
    struct play *p = play_begin();
    struct flow_limits limits = {4, 4, 1 << 20, 256, 1 << 20};
    int i;

    flow_table_limit(p->table, &limits);
    play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
    play_raw(p, SERVER, TCP_RST | TCP_ACK, 0, NULL, 0);
    p->next[CLIENT] = 77000;
    play_handshake(p); /* 2, on the same ports */
    play_text(p, CLIENT, "GET");
    for (i = 0; i < 6; i++) { /* 3 to 8 */
        p->packet.sport++;
        play_raw(p, CLIENT, TCP_SYN, 999, NULL, 0);
        p->packet.sport -= (uint16_t)(i + 1);
        play_text(p, CLIENT, ".");
        p->packet.sport += (uint16_t)(i + 1);
    }
    CHECK_STR(p->closed, "1:refused 3:unanswered 4:unanswered 5:unanswered ");
    play_end(p);
}

TEST(a_flood_of_syns_is_cheap)
{
    struct play *p = play_begin();
    struct flow_limits limits = {50000, 50000, 1 << 20, 256, 1 << 20};
    uint32_t i;
    size_t peak;

    flow_table_limit(p->table, &limits);
    play_handshake(p);
    play_text(p, CLIENT, "GET");
    for (i = 0; i < 120000; i++) {
        memcpy(p->packet.src.octet, &i, 4);
        p->packet.src.octet[3] = 99;
        p->closed[0] = '\0';
        play_raw(p, CLIENT, TCP_SYN, i, NULL, 0);
        if (i % 10000 == 0) { /* someone who is alive is not idle */
            address_parse("10.0.5.3", &p->packet.src);
            p->next[CLIENT] = 1003 + i / 10000;
            play_text(p, CLIENT, "x");
        }
    }
    flow_table_memory(p->table, &peak);
    CHECK_INT(peak, 0);
    address_parse("10.0.5.3", &p->packet.src);
    play_text(p, CLIENT, " /");
    CHECK_INT(p->call[p->num_calls - 1].flow, 1);
    CHECK_INT(p->num_calls, 14);
    play_end(p);
}

TEST(udp_pairs_count_too)
{
    struct play *p = play_begin();
    struct packet packet = p->packet;
    struct flow *flow;
    int side = -1;

    play_handshake(p);
    packet.transport = 17;
    packet.dport = 53;
    packet.frame = 9;
    packet.time_ns = 99;
    packet.process = "lsass.exe";
    packet.pid = 444;
    flow = flow_table_udp(p->table, &packet, &side);
    CHECK_INT(flow->id, 2);
    CHECK_INT(side, CLIENT);
    CHECK_INT(flow->port[1], 53);
    CHECK_INT(flow->frame, 9);
    CHECK_INT(flow->pid, 444);
    CHECK_STR(flow->process, "lsass.exe");
    packet.src = p->packet.dst;
    packet.dst = p->packet.src;
    packet.sport = 53;
    packet.dport = 50044;
    flow = flow_table_udp(p->table, &packet, &side);
    CHECK_INT(flow->id, 2);
    CHECK_INT(side, SERVER);
    CHECK_INT(flow->port[0], 50044);
    play_end(p);
}

TEST(units_that_are_in_order_by_themselves)
{
    struct play *p = play_begin();
    struct packet packet = p->packet;

    packet.pdu = "http";
    packet.payload = bytes_of_text("GET / HTTP/1.1");
    packet.frame = 5;
    flow_table_pdu(p->table, &packet);
    packet.src = p->packet.dst;
    packet.dst = p->packet.src;
    packet.sport = 80;
    packet.dport = 50044;
    packet.payload = bytes_of_text("HTTP/1.1 401");
    flow_table_pdu(p->table, &packet);
    packet.payload = bytes_of_text("HTTP/1.1 200");
    packet.frame = 7;
    flow_table_pdu(p->table, &packet);
    CHECK_INT(p->num_calls, 3);
    CHECK_INT(p->call[1].side, SERVER);
    CHECK_INT(p->call[2].offset, 12);
    CHECK_INT(p->call[2].frame, 7);
    CHECK(!p->call[2].gap_after && !p->call[2].gap_before);
    /* No addresses at all: the unit says from whom it is. */
    packet = (struct packet){.frame = 8, .pdu = "http", .pdu_from_server = true, .pid = -1};
    packet.payload = bytes_of_text("HTTP/1.1 403");
    flow_table_pdu(p->table, &packet);
    CHECK_INT(p->num_calls, 4);
    CHECK_INT(p->call[3].side, SERVER);
    play_end(p);
}

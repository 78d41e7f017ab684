/* SPDX-License-Identifier: MIT */
/* Who gets which flow, and what the log says of connections. The carriers of this test: "word"
 * takes what begins with "W" or, on its port 7777, with "w", wants four bytes to tell, and logs a
 * message (an http record whose target is the text) for each line that ends with ';'. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "carrier/claims.h"
#include "harness.h"

static unsigned asked, opened, finished, datagrams;

static enum claim word_claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    (void)self;
    (void)side;
    asked++;
    if (first.at[0] != 'W' && !(hinted && first.at[0] == 'w'))
        return CLAIM_NO;
    return first.len < 4 ? CLAIM_MORE : CLAIM_YES;
}

static void *word_open(const struct carrier *self, struct carriage *carriage, struct flow *flow)
{
    (void)self;
    (void)carriage;
    (void)flow;
    opened++;
    return malloc(1);
}

static size_t word_feed(void *state, struct carriage *carriage, struct flow *flow, int side,
                        const struct segment *segment)
{
    const uint8_t *end =
        segment->data.len == 0 ? NULL : memchr(segment->data.at, ';', segment->data.len);
    struct source source =
        carrier_source(flow, side, segment, "word", segment->gap_before ? "after-gap" : NULL);
    struct http http = {0};
    struct bytes line = segment->data;

    (void)state;
    if (end == NULL)
        return 0;
    line.len = (size_t)(end - line.at);
    if (bytes_equal(line, bytes_of_text("not mine")))
        return FLOW_IGNORE;
    http.target = arena_text(carriage->scratch, line);
    log_append(carriage->log, KIND_http, &source, &http);
    return line.len + 1;
}

static void word_finish(void *state, struct carriage *carriage, struct flow *flow)
{
    (void)carriage;
    (void)flow;
    finished++;
    free(state);
}

static bool word_stray(const struct carrier *self, struct bytes payload, size_t missing)
{
    (void)self;
    (void)missing;
    return payload.len > 0 && payload.at[0] == 'W';
}

static bool word_datagram(const struct carrier *self, struct carriage *carriage,
                          const struct flow *flow, int side, struct bytes payload, size_t missing,
                          bool hinted)
{
    struct source source =
        carrier_source(flow, side, NULL, hinted ? "word hinted" : "word", missing ? "cut" : NULL);
    struct http http = {0};

    (void)self;
    if (payload.len == 0 || payload.at[0] != 'W')
        return false;
    datagrams++;
    http.target = arena_text(carriage->scratch, payload);
    log_append(carriage->log, KIND_http, &source, &http);
    return true;
}

/* Takes everything on its port 99, and nothing elsewhere. */
static enum claim greedy_claim(const struct carrier *self, struct bytes first, int side,
                               bool hinted)
{
    (void)self;
    (void)first;
    (void)side;
    return hinted ? CLAIM_YES : CLAIM_NO;
}

static size_t greedy_feed(void *state, struct carriage *carriage, struct flow *flow, int side,
                          const struct segment *segment)
{
    (void)state;
    (void)carriage;
    (void)flow;
    (void)side;
    return segment->data.len;
}

static bool greedy_datagram(const struct carrier *self, struct carriage *carriage,
                            const struct flow *flow, int side, struct bytes payload, size_t missing,
                            bool hinted)
{
    struct source source = carrier_source(flow, side, NULL, "greedy", NULL);
    struct http http = {.target = "anything"};

    (void)self;
    (void)payload;
    (void)missing;
    if (hinted)
        log_append(carriage->log, KIND_http, &source, &http);
    return hinted;
}

/* Never makes up its mind about what begins with "S". */
static enum claim slow_claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    (void)self;
    (void)side;
    (void)hinted;
    asked++;
    return first.at[0] == 'S' ? CLAIM_MORE : CLAIM_NO;
}

static const uint16_t word_ports[] = {7777, 0}, greedy_ports[] = {99, 88, 464, 0};
static const struct carrier word = {.name = "word",
                                    .ports = word_ports,
                                    .claim = word_claim,
                                    .open = word_open,
                                    .feed = word_feed,
                                    .finish = word_finish,
                                    .stray = word_stray,
                                    .datagram = word_datagram};
static const struct carrier greedy = {.name = "greedy",
                                      .ports = greedy_ports,
                                      .claim = greedy_claim,
                                      .open = word_open,
                                      .feed = greedy_feed,
                                      .finish = word_finish,
                                      .datagram = greedy_datagram};
static const struct carrier slow = {.name = "slow",
                                    .claim = slow_claim,
                                    .open = word_open,
                                    .feed = word_feed,
                                    .finish = word_finish};
static const struct carrier *const table[] = {&word, &greedy, NULL};
static const struct carrier *const slow_table[] = {&slow, NULL};

struct bench {
    struct log log;
    struct arena scratch;
    struct carriage carriage;
    struct observer *observer;
    struct packet packet;
    uint32_t next[2];
    struct text said;
};

static void begin(struct bench *b, uint16_t port)
{
    memset(b, 0, sizeof(*b));
    b->carriage = (struct carriage){.log = &b->log, .scratch = &b->scratch};
    b->observer = observer_open_with(&b->carriage, table);
    b->packet.transport = 6;
    address_parse("10.0.5.3", &b->packet.src);
    address_parse("10.0.5.2", &b->packet.dst);
    b->packet.sport = 50044;
    b->packet.dport = port;
    b->packet.pid = -1;
    b->next[0] = 1000;
    b->next[1] = 5000;
    asked = opened = finished = datagrams = 0;
}

static void send_flags(struct bench *b, int side, uint8_t flags, const char *text)
{
    struct packet p = b->packet;

    b->packet.frame++;
    b->packet.time_ns += 1000;
    p.frame = b->packet.frame;
    p.time_ns = b->packet.time_ns;
    if (side == 1) {
        p.src = b->packet.dst;
        p.dst = b->packet.src;
        p.sport = b->packet.dport;
        p.dport = b->packet.sport;
    }
    p.has_mac = true;
    memcpy(p.src_mac, side == 1 ? "\x02\0\0\0\0\xfe" : "\x02\0\0\0\0\x01", 6);
    p.flags = flags;
    p.seq = b->next[side];
    p.ack = b->next[1 - side];
    p.payload = bytes_of_text(text);
    b->next[side] += (uint32_t)p.payload.len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
    observer_packet(b->observer, &p);
}

static void say(struct bench *b, int side, const char *text)
{
    send_flags(b, side, TCP_ACK, text);
}

static void shake(struct bench *b)
{
    send_flags(b, 0, TCP_SYN, "");
    send_flags(b, 1, TCP_SYN | TCP_ACK, "");
    send_flags(b, 0, TCP_ACK, "");
}

/* All observations in a line: "http:one@4/4 conn:opened@5 ". */
static const char *finish(struct bench *b)
{
    size_t i;

    observer_finish(b->observer);
    observer_close(b->observer);
    for (i = 0; i < b->log.num; i++) {
        const struct observation *o = &b->log.at[i];

        if (o->kind == KIND_http)
            text_putf(&b->said, "%s:%s%s@%lld ", o->source.carrier, o->http->target,
                      o->source.damaged != NULL ? "!" : "", (long long)o->source.frame);
        else if (o->kind == KIND_conn)
            text_putf(&b->said, "%s %s@%lld-%lld:%lld/%lld ",
                      o->source.carrier != NULL ? o->source.carrier : "-", o->conn->what,
                      (long long)o->source.first_frame, (long long)o->source.frame,
                      (long long)o->conn->client_bytes, (long long)o->conn->server_bytes);
        else if (o->kind == KIND_problem)
            text_putf(&b->said, "%s*%lld ", o->problem->code, (long long)o->problem->times);
    }
    CHECK_INT(opened, finished);
    return text_str(&b->said);
}

static void end(struct bench *b)
{
    text_clear(&b->said);
    arena_clear(&b->scratch);
    log_clear(&b->log);
}

TEST(claimed_by_its_first_bytes)
{
    struct bench b;

    begin(&b, 8080);
    shake(&b);
    say(&b, 0, "Wo");         /* 4: cannot tell */
    say(&b, 0, "rd;Wide;Wa"); /* 5 */
    say(&b, 1, "one;");       /* 6 */
    say(&b, 0, "ter;");       /* 7 */
    send_flags(&b, 0, TCP_FIN | TCP_ACK, "");
    send_flags(&b, 1, TCP_FIN | TCP_ACK, "");
    CHECK_STR(finish(&b), "word:Word@5 word:Wide@5 word:one@6 word:Water@7 word closed@1-9:16/4 ");
    CHECK_INT(opened, 1);
    CHECK_INT(b.log.at[0].source.first_frame, 4);
    CHECK_INT(b.log.at[1].source.first_frame, 5);
    CHECK(!b.log.at[0].source.reply && b.log.at[2].source.reply);
    CHECK_INT(b.log.at[0].source.sport, 50044);
    CHECK_INT(b.log.at[2].source.sport, 8080);
    CHECK_STR(b.log.at[0].source.src_mac, "02:00:00:00:00:01");
    CHECK_STR(b.log.at[2].source.src_mac, "02:00:00:00:00:fe");
    CHECK_INT(b.log.at[0].source.flow, 1);
    CHECK_INT(b.log.at[0].source.transport, 6);
    CHECK(!b.log.at[0].source.pid.set);
    end(&b);
}

TEST(claimed_by_the_server_who_speaks_first)
{
    struct bench b;

    begin(&b, 8080);
    shake(&b);
    say(&b, 1, "Welcome;");
    say(&b, 0, "thanks;");
    CHECK_STR(finish(&b), "word:Welcome@4 word:thanks@5 word opened@1-5:7/8 ");
    end(&b);
}

TEST(nobody_is_asked_again_after_no)
{
    struct bench b;
    int i;

    begin(&b, 8080);
    shake(&b);
    for (i = 0; i < 10; i++)
        say(&b, 0, "Xylophone;Word;");
    say(&b, 0, "Word;");
    CHECK_STR(finish(&b), "");
    CHECK_INT(asked, 1);
    end(&b);
}

TEST(waiting_for_more_is_bounded)
{
    struct bench b;

    begin(&b, 8080);
    shake(&b);
    say(&b, 0, "Wo");
    send_flags(&b, 0, TCP_FIN | TCP_ACK, "");
    send_flags(&b, 1, TCP_FIN | TCP_ACK, "");
    CHECK_STR(finish(&b), "");
    CHECK_INT(opened, 0);
    end(&b);
}

TEST(who_never_decides_is_not_waited_for)
{
    struct bench b;
    char many[1001];
    int i;

    memset(many, 'S', 1000);
    many[1000] = '\0';
    begin(&b, 8080);
    observer_close(b.observer);
    b.observer = observer_open_with(&b.carriage, slow_table);
    shake(&b);
    for (i = 0; i < 500; i++)
        say(&b, 0, many);
    CHECK_STR(finish(&b), "");
    CHECK(asked < 50);
    end(&b);
}

TEST(a_beginning_that_is_lost_in_part)
{
    struct bench b;

    begin(&b, 8080);
    shake(&b);
    say(&b, 0, "Wo"); /* 4 */
    b.next[0] += 10;  /* lost */
    say(&b, 0, "st of something;");
    say(&b, 0, "Wide;"); /* 6 */
    send_flags(&b, 0, TCP_FIN | TCP_ACK, "");
    send_flags(&b, 1, TCP_FIN | TCP_ACK, "");
    CHECK_STR(finish(&b), "word:Wide@6 word closed@1-8:33/0 ");
    end(&b);

    begin(&b, 8080);
    shake(&b);
    b.next[0] += 10; /* lost */
    say(&b, 0, "st of something;");
    b.next[0] += 10;     /* lost */
    say(&b, 0, "Wide;"); /* 5 */
    CHECK_STR(finish(&b), "word:Wide!@5 word opened@1-5:41/0 ");
    end(&b);
}

TEST(the_port_decides_who_is_asked_first)
{
    struct bench b;

    begin(&b, 7777);
    shake(&b);
    say(&b, 0, "word;");
    CHECK_STR(finish(&b), "word:word@4 word opened@1-4:5/0 ");
    end(&b);
    begin(&b, 7777); /* without a SYN it is not known who the server is */
    b.packet.sport = 5000;
    say(&b, 0, "word;");
    CHECK_STR(finish(&b), "word:word@1 word opened@1-1:0/5 ");
    end(&b);
    begin(&b, 99);
    shake(&b);
    say(&b, 0, "Word;");
    CHECK_STR(finish(&b), "greedy opened@1-4:5/0 ");
    CHECK_INT(asked, 0);
    end(&b);
}

TEST(a_hinted_flow_is_looked_at_for_a_while)
{
    struct bench b;
    int i;

    begin(&b, 7777); /* begins in the middle of an answer */
    for (i = 0; i < 200; i++)
        say(&b, 1, "the body of something;");
    say(&b, 0, "word;");  /* 201 */
    say(&b, 1, "reply;"); /* 202 */
    say(&b, 1, "more;");
    CHECK_STR(finish(&b), "word:word@201 word:reply!@202 word:more@203 word opened@1-203:5/4411 ");
    CHECK(asked < 70);
    end(&b);

    begin(&b, 7777); /* the client is never understood */
    for (i = 0; i < 1000; i++)
        say(&b, 0, "garbage;");
    say(&b, 0, "word;");
    CHECK_STR(finish(&b), "");
    CHECK(asked < 70);
    end(&b);
}

TEST(a_flow_without_its_beginning_gets_some_chances_on_any_port)
{
    struct bench b;
    int i;

    begin(&b, 8080);
    say(&b, 1, "rest of an answer;");
    say(&b, 0, "Word;");
    CHECK_STR(finish(&b), "word:Word@2 word opened@1-2:5/18 ");
    end(&b);
    begin(&b, 8080);
    for (i = 0; i < 100; i++)
        say(&b, 0, "garbage;");
    say(&b, 0, "Word;");
    CHECK_STR(finish(&b), "");
    CHECK(asked < 10);
    end(&b);
}

TEST(a_carrier_may_leave_a_flow)
{
    struct bench b;

    begin(&b, 8080);
    shake(&b);
    say(&b, 0, "Word;not mine;");
    say(&b, 0, "Word;");
    CHECK_STR(finish(&b), "word:Word@4 word opened@1-4:14/0 ");
    CHECK_INT(finished, 1);
    end(&b);
}

TEST(connections_that_tell_something)
{
    struct bench b;

    begin(&b, 88);
    send_flags(&b, 0, TCP_SYN, ""); /* 1 */
    send_flags(&b, 1, TCP_RST | TCP_ACK, "");
    b.packet.sport++;
    b.packet.dport = 464;
    shake(&b); /* 3 to 5: no data */
    b.packet.sport++;
    b.packet.dport = 7777;
    send_flags(&b, 0, TCP_SYN, ""); /* 6: unanswered on a hinted port */
    b.packet.sport++;
    shake(&b); /* 7 to 9: a hinted port without data is nothing */
    b.packet.sport++;
    b.packet.dport = 8080;
    send_flags(&b, 0, TCP_SYN, ""); /* 10: nobody's port */
    b.packet.sport++;
    b.packet.dport = 7777;
    shake(&b);
    say(&b, 0, "Word;Wo");
    send_flags(&b, 1, TCP_RST, ""); /* 15 */
    CHECK_STR(finish(&b), "greedy refused@1-2:0/0 word:Word@14 word reset@11-15:7/0 "
                          "greedy opened@3-3:0/0 word unanswered@6-6:0/0 ");
    CHECK_INT(b.log.at[0].source.dport, 88);
    CHECK(!b.log.at[0].source.reply);
    CHECK(b.log.at[0].conn->saw_syn);
    end(&b);
}

TEST(datagrams)
{
    struct bench b;
    struct packet p;

    begin(&b, 7777);
    p = b.packet;
    p.transport = 17;
    p.frame = 4;
    p.process = "w3wp.exe";
    p.pid = 1234;
    p.payload = bytes_of_text("World");
    observer_packet(b.observer, &p);
    p.payload = bytes_of_text("other");
    observer_packet(b.observer, &p);
    p.dport = 53; /* nobody's port and nobody's content: no flow is made of it */
    observer_packet(b.observer, &p);
    p.dport = 54;
    p.frame = 5;
    p.payload = bytes_of_text("Wide");
    p.missing = 3;
    observer_packet(b.observer, &p);
    p.dport = 99; /* the port's own carrier is asked before the others */
    p.frame = 6;
    observer_packet(b.observer, &p);
    CHECK_STR(finish(&b), "word hinted:World@4 word:Wide!@5 greedy:anything@6 ");
    CHECK_STR(b.log.at[0].source.process, "w3wp.exe");
    CHECK_INT(b.log.at[0].source.pid.value, 1234);
    CHECK_INT(b.log.at[0].source.flow, 1);
    CHECK_INT(b.log.at[1].source.flow, 2);
    CHECK_INT(b.log.at[0].source.transport, 17);
    CHECK(b.log.at[0].source.src_mac == NULL);
    end(&b);
}

TEST(exported_units)
{
    struct bench b;
    struct packet p;

    begin(&b, 443);
    p = b.packet;
    p.pdu = "word";
    p.frame = 1;
    p.payload = bytes_of_text("what;ever;"); /* not what it would claim */
    observer_packet(b.observer, &p);
    p.frame = 2;
    p.payload = bytes_of_text("Wie ein Datagramm");
    observer_packet(b.observer, &p);
    p.frame = 3;
    p.payload = (struct bytes){(const uint8_t *)"\0\5Weit;", 7}; /* with its length */
    observer_packet(b.observer, &p);
    p.pdu = "unheard of";
    p.frame = 4;
    observer_packet(b.observer, &p);
    observer_finish(b.observer);
    CHECK_INT(b.log.num, 5);
    CHECK_STR(b.log.at[0].http->target, "what");
    CHECK_STR(b.log.at[1].http->target, "ever");
    CHECK_INT(b.log.at[1].source.frame, 1);
    CHECK_STR(b.log.at[2].http->target, "Wie ein Datagramm");
    CHECK_INT(b.log.at[2].source.transport, 6);
    CHECK_INT(b.log.at[3].source.frame, 3);
    finish(&b);
    end(&b);
}

TEST(problems_are_folded)
{
    struct bench b;
    size_t i, listed = 0;
    int64_t times = 0;

    begin(&b, 8080);
    shake(&b);
    say(&b, 0, "Word;");
    for (i = 0; i < 300; i++) { /* the same byte again and again, another value each time */
        b.next[0] -= 5;
        say(&b, 0, i % 2 == 0 ? "Ward;" : "Wird;");
    }
    finish(&b);
    for (i = 0; i < b.log.num; i++)
        if (b.log.at[i].kind == KIND_problem) {
            CHECK_STR(b.log.at[i].problem->code, "differing-retransmission");
            CHECK(b.log.at[i].problem->at_frame.set);
            listed++;
            times += b.log.at[i].problem->times;
        }
    CHECK_INT(times, 300);
    CHECK(listed < 30);
    end(&b);
}

TEST(the_table_has_its_columns)
{
    size_t i;

    for (i = 0; carriers[i] != NULL; i++) {
        const struct carrier *c = carriers[i];

        CHECK(c->name != NULL && c->reference != NULL);
        CHECK(c->claim != NULL || c->datagram != NULL);
        CHECK(c->claim == NULL || (c->open != NULL && c->feed != NULL && c->finish != NULL));
    }
}

/* SPDX-License-Identifier: MIT */
/* Captures out, from any bytes as a capture, annotated, cut down and redacted: our own reader takes
 * the result; it has the frames that were asked for, with their times, lengths and octets; redacted
 * octets are part of payloads only, checksums are as right or wrong as before, and no ciphertext
 * that the program found in the input is found in the result. */
#include "base/digest.h"
#include "base/memory.h"
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "fuzz.h"
#include "report/report.h"
#include "rewrite/rewrite.h"

#include "capture/capture.h"

enum { MOST_FRAMES = 4096, SHORTEST_CIPHER = 12 };

struct judged {
    struct log log;
    struct joined_case joined;
    struct findings findings;
};

static void observe(int fd, struct log *log)
{
    static struct worker_setup setup;

    if (setup.converters == NULL)
        setup.converters = converters_open();
    setup.reassembly_bytes = (size_t)1 << 20;
    assert(lseek(fd, 0, SEEK_SET) == 0);
    worker_observe(dup(fd), &setup, log);
}

/* ---- reading both side by side ---- */

struct side {
    struct capture *capture;
    struct arena arena;
    struct packet_decoder *decoder;
    struct frame frame;
    struct packet packet;
    bool found; /* a packet in it */
    bool cut;   /* its block is longer than the program's limit: it is left out of results */
};

static void note_block(void *user, struct bytes raw, bool big, bool cut)
{
    (void)raw, (void)big;
    ((struct side *)user)->cut = cut;
}

static bool side_open(struct side *side, int fd)
{
    const struct capture_events events = {side, NULL, NULL, note_block};
    const char *message;

    memset(side, 0, sizeof(*side));
    assert(lseek(fd, 0, SEEK_SET) == 0);
    if (capture_open(dup(fd), (struct bytes){NULL, 0}, &events, &side->arena, &side->capture,
                     &message) != CAPTURE_OK) {
        arena_clear(&side->arena);
        return false;
    }
    side->decoder = packet_decoder_open(NULL);
    return true;
}

static bool side_next(struct side *side)
{
    if (capture_next(side->capture, &side->frame) != CAPTURE_OK)
        return false;
    side->found = packet_decode(side->decoder, &side->frame, &side->packet);
    return true;
}

static void side_close(struct side *side)
{
    packet_decoder_close(side->decoder);
    capture_close(side->capture);
    arena_clear(&side->arena);
}

/* Of what TCP and UDP sum over but the addresses, which do not change (RFC 1071). */
static uint32_t residue(const struct packet *packet)
{
    const uint8_t *at = packet->payload.at - packet->header_len;
    size_t len = packet->header_len + packet->payload.len, i;
    uint64_t sum = 0;

    for (i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
    return (uint32_t)(sum % 65535);
}

static void check_packet(const struct packet *a, const struct packet *b)
{
    assert(a->transport == b->transport && a->sport == b->sport && a->dport == b->dport);
    assert(a->payload.len == b->payload.len && a->missing == b->missing);
    assert(a->header_len == b->header_len && address_equal(&a->src, &b->src));
    assert(a->transport != 6 || (a->seq == b->seq && a->ack == b->ack && a->flags == b->flags));
    if (a->header_len > 0 && a->pdu == NULL && a->payload.len > 0) {
        const uint8_t *sum = a->payload.at - a->header_len + 6;

        if (a->transport == 17 && sum[0] == 0 && sum[1] == 0) /* RFC 768: there is none */
            assert(b->payload.at[-2] == 0 && b->payload.at[-1] == 0);
        else
            assert(residue(a) == residue(b));
    }
}

static void check_frame(const struct side *a, const struct side *b, const struct rewrite *how)
{
    const struct frame *was = &a->frame, *is = &b->frame;

    if (was->link_type >= LINK_NETMON_EVENT && was->link_type != LINK_PCAPNG_RECORD) {
        assert(is->data.len <= was->data.len);
        return; /* written under another number, perhaps without what stood before it */
    }
    assert(is->link_type == was->link_type && is->wire_len == was->wire_len);
    assert(is->data.len == was->data.len);
    assert(is->time_ns == was->time_ns || was->time_ns < 0);
    if (!how->redact)
        assert(bytes_equal(is->data, was->data));
    assert(a->found == b->found || how->extract);
    if (how->redact && !how->extract && a->found)
        check_packet(&a->packet, &b->packet);
}

static bool *wanted_frames(int in, const struct plan *plan)
{
    bool *wanted = calloc(MOST_FRAMES + 1, sizeof(*wanted));
    struct packet_pieces pieces;
    struct side side;
    size_t i;

    assert(side_open(&side, in));
    while (side_next(&side) && side.frame.number <= MOST_FRAMES) {
        bool is = plan_has_frame(plan, side.frame.number) ||
                  (side.found && plan_has_packet(plan, &side.packet));

        packet_decoder_pieces(side.decoder, &pieces);
        wanted[side.frame.number] |= is;
        for (i = 0; is && side.found && i < pieces.num; i++)
            wanted[pieces.at[i].frame] = true;
    }
    side_close(&side);
    return wanted;
}

/* What people wrote stays, but for a redacted capture: it may hold anything. */
static void check_comment(const struct frame *was, const struct frame *is,
                          const struct rewrite *how)
{
    const char *comment = plan_comment(how->plan, was->number);

    if (was->comment.len > 0 && !how->redact)
        assert(bytes_equal(was->comment, is->comment));
    else if (comment != NULL && is->comment.len > 0) /* simple packet blocks have none */
        assert(strncmp((const char *)is->comment.at, comment,
                       size_min(strlen(comment), is->comment.len)) == 0);
    else if (comment == NULL)
        assert(is->comment.len == 0);
}

static void check_result(int in, int out, const struct rewrite *how)
{
    bool *wanted = how->extract ? wanted_frames(in, how->plan) : NULL;
    struct side a, b;

    assert(side_open(&a, in));
    assert(side_open(&b, out));
    while (side_next(&a) && a.frame.number <= MOST_FRAMES) {
        if (a.cut || (how->redact && a.frame.link_type == LINK_PCAPNG_RECORD))
            continue;
        if (wanted != NULL && !wanted[a.frame.number])
            continue;
        assert(side_next(&b));
        check_frame(&a, &b, how);
        check_comment(&a.frame, &b.frame, how);
    }
    assert(!side_next(&b) || b.frame.number > MOST_FRAMES);
    side_close(&a);
    side_close(&b);
    free(wanted);
}

/* ---- no ciphertext is left ---- */

/* Of so many zeros: what stands in place of one that was cut. */
static bool is_of_zeros(const struct ticket *ticket)
{
    uint8_t *zeros = memory_take((size_t)ticket->cipher_len, 1);
    struct digest digest = digest_of((struct bytes){zeros, (size_t)ticket->cipher_len});

    memory_drop(zeros);
    return memcmp(&digest, &ticket->sha256, sizeof(digest)) == 0;
}

static bool has_ticket(const struct log *log, const struct ticket *ticket)
{
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_krb && log->at[i].krb->ticket != NULL &&
            memcmp(&log->at[i].krb->ticket->sha256, &ticket->sha256, sizeof(ticket->sha256)) == 0)
            return true;
    return false;
}

static void check_secrets(const struct log *was, int out)
{
    struct log is = {0};
    size_t i;

    observe(out, &is);
    for (i = 0; i < was->num; i++) {
        const struct ticket *ticket = was->at[i].kind == KIND_krb ? was->at[i].krb->ticket : NULL;

        if (ticket != NULL && ticket->cipher_len >= SHORTEST_CIPHER && !is_of_zeros(ticket))
            assert(!has_ticket(&is, ticket));
    }
    log_clear(&is);
}

static void check_way(int in, const struct log *log, const struct rewrite *ask)
{
    struct rewrite how = *ask;
    struct text error = {0};
    int out = memfd_create("out", MFD_CLOEXEC);

    how.out = out;
    if (rewrite_run(&how, &in, 1, &error)) {
        check_result(in, out, &how);
        if (how.redact)
            check_secrets(log, out);
    } else {
        assert(error.len > 0);
        fuzz_check_lines(error.at, error.len, false);
    }
    text_clear(&error);
    close(out);
}

/* A plan of what the program found, or one that comments on every third frame. */
static void check_ways(int in, struct judged *judged)
{
    static const struct report_input input = {.path = "file"};
    struct report_case one = {&judged->log, &judged->joined, &judged->findings};
    struct report report = {&input, 1, &one, 1, true, false};
    struct plan plan = {0}, made = {0};
    struct plan_comment comments[16];
    int64_t frames[16], i;
    int way;

    plan_init(&plan, &report, 0);
    for (i = 0; i < 16; i++) {
        frames[i] = 1 + 3 * i;
        comments[i] = (struct plan_comment){frames[i], (size_t)i, "krbwhy: a comment"};
    }
    made.comments = comments;
    made.frames = frames;
    made.num_comments = made.num_frames = 16;
    for (way = 0; way < 4; way++) {
        const struct rewrite how = {.plan = plan.num_comments > 0 ? &plan : &made,
                                    .extract = (way & 1) != 0,
                                    .redact = (way & 2) != 0};

        check_way(in, &judged->log, &how);
    }
    plan_clear(&plan);
}

extern const unsigned fuzz_weight;
const unsigned fuzz_weight = 20;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct judged judged = {0};
    struct side side;
    int in = fuzz_file((struct bytes){data, len});

    if (side_open(&side, in)) {
        side_close(&side);
        observe(in, &judged.log);
        case_join(&judged.joined, &judged.log);
        judge_case(&judged.findings, &judged.joined);
        check_ways(in, &judged);
        findings_clear(&judged.findings);
        case_clear(&judged.joined);
        log_clear(&judged.log);
    }
    close(in);
    return 0;
}

/* SPDX-License-Identifier: MIT */
#include "packet/packet.h"

#include "base/memory.h"
#include "packet/walk.h"

struct packet_decoder *packet_decoder_open(const struct packet_events *events)
{
    struct packet_decoder *decoder = memory_take(1, sizeof(*decoder));

    if (events != NULL)
        decoder->events = *events;
    decoder->fragments = fragments_open();
    return decoder;
}

void packet_decoder_close(struct packet_decoder *decoder)
{
    if (decoder == NULL)
        return;
    fragments_close(decoder->fragments);
    memory_drop(decoder);
}

/* An offset in the layer as one in the frame; -1 in a reassembled datagram, which has no place. */
static int64_t frame_offset(const struct walk *walk, size_t at)
{
    return walk->in.base == walk->frame->data.at ? (int64_t)at : -1;
}

void walk_note(struct walk *walk, const char *code, const char *noun, const char *subject,
               const char *outcome)
{
    struct tally_what what = {code, noun, subject, outcome, 0, NULL};

    tally_note(&walk->decoder->tallies, &what, 1, walk->frame->number,
               frame_offset(walk, walk->in.at));
}

void walk_hidden(struct walk *walk, const char *subject)
{
    walk_note(walk, "undecoded-layer", "frame", subject, "not decoded");
}

void walk_damaged(struct walk *walk, const char *what)
{
    walk->damage = what;
    reader_fail(&walk->in, FAULT_MALFORMED, what);
}

void walk_trim(struct walk *walk, size_t len)
{
    size_t left = reader_left(&walk->in);

    if (len <= left) {
        walk->in.end = walk->in.at + len; /* the reader becomes its own child of that length */
        walk->in.open = false;
        walk->missing = 0;
        return;
    }
    if (len - left > walk->missing && !walk->guessed)
        walk_note(walk, "damaged-packet", "frame", " with an IP length beyond the frame's end",
                  "found");
    walk->missing = len - left;
}

void walk_trim_hint(struct walk *walk, size_t len)
{
    size_t left = reader_left(&walk->in);

    if (len <= left || len - left <= walk->missing)
        walk_trim(walk, len);
}

bool walk_deeper(struct walk *walk)
{
    if (++walk->depth <= LIMIT_TUNNEL_DEPTH)
        return true;
    walk_note(walk, "limit-tunnel-depth", "frame", " with too many headers inside headers",
              "not decoded");
    return false;
}

bool walk_inner(struct walk *walk)
{
    walk->out->has_mac = false; /* an outer address says nothing about the inner host */
    return walk_deeper(walk);
}

void walk_cut(struct walk *walk)
{
    walk_note(walk, "cut-frame", "frame", "", "cut by the capture's length limit");
}

/* A header could not be read: cut by the capture, or damaged. */
static void note_fault(struct walk *walk)
{
    struct tally_what what = {.code = "damaged-packet", .noun = "frame", .outcome = "found"};

    if (walk->guessed)
        return;
    if (walk->damage == NULL && walk->missing > 0) {
        walk_cut(walk);
        return;
    }
    what.subject = walk->damage != NULL ? walk->damage : " ending within a header";
    tally_note(&walk->decoder->tallies, &what, 1, walk->frame->number,
               frame_offset(walk, walk->in.fault_at));
}

/* Field by field, because clearing whole structures costs more than decoding plain headers. */
static void begin(struct walk *walk, struct packet_decoder *decoder, const struct frame *frame,
                  struct packet *out)
{
    static const struct address none = {0};

    out->frame = frame->number;
    out->time_ns = frame->time_ns;
    out->has_time = frame->has_time;
    out->transport = 0;
    out->src = out->dst = none;
    out->sport = out->dport = 0;
    memset(out->src_mac, 0, sizeof(out->src_mac));
    out->has_mac = false;
    out->seq = out->ack = 0;
    out->flags = 0;
    out->payload = (struct bytes){NULL, 0};
    out->missing = 0;
    out->header_len = 0;
    decoder->piece.len = 0;
    decoder->datagram.len = 0;
    out->process = frame->process;
    out->pid = frame->pid;
    out->pdu = NULL;
    out->pdu_from_server = false;
    walk->decoder = decoder;
    walk->frame = frame;
    walk->out = out;
    reader_init(&walk->in, frame->data, true);
    walk->missing = frame->wire_len > frame->data.len ? frame->wire_len - frame->data.len : 0;
    walk->next = NULL;
    walk->src = walk->dst = none;
    walk->ipv6_at = 0;
    walk->damage = NULL;
    walk->depth = 0;
    walk->no_length = walk->guessed = walk->found = false;
}

bool packet_decode(struct packet_decoder *decoder, const struct frame *frame, struct packet *out)
{
    if (!packet_direct(frame, out))
        return packet_walk(decoder, frame, out);
    decoder->piece.len = 0;
    decoder->datagram.len = 0;
    return true;
}

bool packet_walk(struct packet_decoder *decoder, const struct frame *frame, struct packet *out)
{
    struct walk walk;

    begin(&walk, decoder, frame, out);
    walk_link(&walk, frame->link_type);
    while (walk.next != NULL && reader_ok(&walk.in)) {
        void (*decode)(struct walk *) = walk.next;

        walk.next = NULL;
        decode(&walk);
    }
    if (walk.found && out->missing > 0 && frame->wire_len > frame->data.len)
        walk_cut(&walk);
    else if (!reader_ok(&walk.in))
        note_fault(&walk);
    return walk.found;
}

void packet_decoder_pieces(const struct packet_decoder *decoder, struct packet_pieces *out)
{
    memset(out, 0, sizeof(*out));
    out->datagram = decoder->datagram;
    if (decoder->datagram.len > 0) {
        fragments_pieces(decoder->fragments, &out->at, &out->num);
    } else if (decoder->piece.len > 0) {
        out->at = &decoder->piece;
        out->num = 1;
    }
}

void packet_decoder_finish(struct packet_decoder *decoder)
{
    static const struct tally_what whats[] = {
        {.code = "incomplete-fragments",
         .noun = "IP datagram",
         .subject = "",
         .outcome = "given up, because fragments are missing"},
        {.code = "limit-fragments",
         .noun = "IP datagram",
         .subject = "",
         .outcome = "given up, because too many waited for fragments"},
        {.code = "overlapping-fragments",
         .noun = "IP fragment",
         .subject = " that repeats part of another",
         .outcome = "found"},
        {.code = "differing-fragments",
         .noun = "IP fragment",
         .subject = " that repeats octets with other values",
         .outcome = "found, and the first copy kept"},
    };
    const struct fragment_counts *counts;

    fragments_finish(decoder->fragments);
    counts = fragments_counts(decoder->fragments);
    {
        const int64_t seen[][2] = {{counts->incomplete, counts->first_incomplete},
                                   {counts->limited, counts->first_limited},
                                   {counts->overlap, counts->first_overlap},
                                   {counts->differing, counts->first_differing}};
        size_t i;

        for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
            if (seen[i][0] > 0)
                tally_note(&decoder->tallies, &whats[i], seen[i][0], seen[i][1], -1);
    }
    tally_tell(&decoder->tallies, &decoder->events);
}

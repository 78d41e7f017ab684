/* SPDX-License-Identifier: MIT */
#include "rewrite/rewrite.h"

#include <errno.h>
#include <unistd.h>

#include "base/memory.h"
#include "capture/capture.h"
#include "rewrite/block.h"
#include "rewrite/redact.h"
#include "rewrite/select.h"

enum { WRITE_CHUNK = 256 * 1024, NUM_INTERFACES = 4096, LINK_USER0 = 147, LINK_WIFI = 105 };

/* An interface of the result, made for an input that is no pcapng. */
struct made_interface {
    uint32_t interface, link_type;
};

struct writing {
    const struct rewrite *rewrite;
    struct frame_set selected;
    struct redactor *redactor; /* NULL: nothing is redacted */
    struct text out;           /* to be written */
    int error;                 /* errno of a failed write; 0 none */
    size_t file;               /* of several inputs: the one that is read */
    int64_t before, frames;    /* frames of those before it; of all so far */
    bool is_pcapng, told_cut;
    int64_t num_secrets, num_dropped; /* blocks of decryption secrets, and others left out */
    /* pcapng: the packet block that the next frame belongs to. */
    struct bytes held;
    bool held_big, held_cut;
    /* Other formats. */
    struct made_interface *interfaces;
    size_t num_interfaces;
    int64_t num_written;
    struct text comment, scratch;
};

static void tell(const struct writing *w, const char *line)
{
    if (w->rewrite->tell != NULL)
        w->rewrite->tell(w->rewrite->user, line);
}

/* ---- writing ---- */

static void flush(struct writing *w, size_t keep)
{
    size_t done = 0;

    if (w->out.len <= keep)
        return;
    while (w->error == 0 && done < w->out.len) {
        ssize_t n = write(w->rewrite->out, w->out.at + done, w->out.len - done);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            w->error = n == 0 ? EIO : errno;
    }
    text_reset(&w->out);
}

static bool is_packet_block(uint32_t type)
{
    return type == BLOCK_ENHANCED || type == BLOCK_PACKET || type == BLOCK_SIMPLE;
}

/* Journal entries, system calls and custom blocks are numbered, but hold no packet. */
static bool is_record_block(uint32_t type)
{
    static const uint32_t records[] = {9, 0x204, 0x216, 0x221, 0xBAD, 0x40000BAD};
    size_t i;

    for (i = 0; i < sizeof(records) / sizeof(records[0]); i++)
        if (records[i] == type)
            return true;
    return false;
}

/* Blocks that a redacted capture may keep: none of the others is looked into (decryption secrets
 * hold keys, custom blocks anything). */
static bool is_harmless_block(uint32_t type)
{
    return type == BLOCK_SECTION || type == BLOCK_INTERFACE || type == BLOCK_NAMES ||
           type == BLOCK_STATISTICS;
}

/* The length of a section is only right while no block changes. */
static void put_section(struct writing *w, struct bytes raw)
{
    size_t begin = w->out.len;

    text_put_bytes(&w->out, raw);
    if (raw.len >= 24 &&
        (w->rewrite->plan->num_comments > 0 || w->rewrite->extract || w->redactor != NULL))
        memset(w->out.at + begin + 16, 0xFF, 8);
}

static void take_block(void *user, struct bytes raw, bool big, bool cut)
{
    struct writing *w = user;
    uint32_t type = block_type(raw, big);

    w->is_pcapng = true;
    w->held = raw;
    w->held_big = big;
    w->held_cut = cut;
    if (is_packet_block(type) || is_record_block(type))
        return;
    if (cut && !w->told_cut) {
        tell(w, "a pcapng block that is too long is left out of the result");
        w->told_cut = true;
    }
    if (cut)
        return;
    w->num_secrets += type == BLOCK_SECRETS;
    if (w->redactor != NULL && !is_harmless_block(type)) {
        w->num_dropped += type != BLOCK_SECRETS;
        return;
    }
    if (type == BLOCK_SECTION)
        put_section(w, raw);
    else
        text_put_bytes(&w->out, raw);
    flush(w, WRITE_CHUNK);
}

/* ---- one frame ---- */

static const char *comment_on(struct writing *w, int64_t frame)
{
    const char *comment = plan_comment(w->rewrite->plan, frame);

    if (comment == NULL || !w->rewrite->extract)
        return comment;
    text_reset(&w->comment);
    text_putf(&w->comment, "%s\nkrbwhy: frame %lld of ", comment, (long long)(frame - w->before));
    text_put(&w->comment,
             w->rewrite->names == NULL ? "the original capture" : w->rewrite->names[w->file]);
    return text_str(&w->comment);
}

static void put_block(struct writing *w, const struct frame *frame)
{
    const char *comment = comment_on(w, frame->number);
    struct bytes raw = w->held;

    if (w->held_cut || frame->data.at == NULL) {
        if (w->held_cut)
            tell(w, "a packet of more than the program's limit is left out of the result");
        if (w->held_cut)
            return;
    }
    if (w->redactor != NULL && frame->data.len > 0 && redactor_has(w->redactor, frame->number)) {
        text_reset(&w->scratch);
        text_put_bytes(&w->scratch, raw);
        redactor_apply(w->redactor, frame->number,
                       (uint8_t *)w->scratch.at + (frame->data.at - raw.at), frame->data.len);
        raw.at = (const uint8_t *)w->scratch.at;
    }
    if (comment == NULL || !block_put_commented(&w->out, raw, w->held_big, comment))
        text_put_bytes(&w->out, raw);
}

/* The link type by which a frame can be written, and the octets in front of it that this link type
 * does not have. */
static uint32_t wire_link(const struct frame *frame, size_t *out_skip)
{
    *out_skip = 0;
    if (frame->link_type < LINK_NETMON_EVENT)
        return frame->link_type;
    /* The prefix: version, then its length, 16 bits little endian. */
    if (frame->link_type == LINK_NETMON_WIFI && frame->data.len >= 3) {
        size_t len = (size_t)frame->data.at[1] | (size_t)frame->data.at[2] << 8;

        if (len <= frame->data.len) {
            *out_skip = len;
            return LINK_WIFI;
        }
    }
    return LINK_USER0 + (frame->link_type - LINK_NETMON_EVENT);
}

static uint32_t find_interface(struct writing *w, uint32_t interface, uint32_t link_type)
{
    size_t i;

    for (i = 0; i < w->num_interfaces; i++)
        if (w->interfaces[i].interface == interface && w->interfaces[i].link_type == link_type)
            return (uint32_t)i;
    if (i == NUM_INTERFACES)
        return 0; /* no format of one link type per file comes here */
    w->interfaces = memory_grow(w->interfaces, i + 1, sizeof(*w->interfaces));
    w->interfaces[i] = (struct made_interface){interface, link_type};
    w->num_interfaces++;
    block_put_interface(&w->out, link_type,
                        link_type >= LINK_USER0 && link_type < LINK_USER0 + 4
                            ? "records of Network Monitor that are no packets"
                            : NULL);
    return (uint32_t)i;
}

static void put_frame(struct writing *w, const struct frame *frame)
{
    struct frame out = *frame;
    size_t skip;
    uint32_t interface = find_interface(w, frame->interface, wire_link(frame, &skip));

    if (w->redactor != NULL && redactor_has(w->redactor, frame->number)) {
        text_reset(&w->scratch);
        text_put_bytes(&w->scratch, frame->data);
        redactor_apply(w->redactor, frame->number, (uint8_t *)w->scratch.at, frame->data.len);
        out.data.at = (const uint8_t *)w->scratch.at;
    }
    if (skip > 0) {
        out.data.at += skip;
        out.data.len -= skip;
        out.wire_len -= skip;
    }
    block_put_frame(&w->out, &out, interface, comment_on(w, frame->number));
}

static bool is_wanted(const struct writing *w, const struct frame *frame)
{
    if (frame->link_type == LINK_PCAPNG_RECORD && w->redactor != NULL)
        return false;
    return !w->rewrite->extract || frame_set_has(&w->selected, frame->number);
}

/* ---- passes ---- */

struct opened {
    struct capture *capture;
    struct arena arena;
};

static bool open_again(struct writing *w, struct opened *opened, int in,
                       const struct capture_events *events, struct text *out_error)
{
    const char *message = NULL;
    int fd = lseek(in, 0, SEEK_SET) == 0 ? dup(in) : -1;

    w->before = w->frames;
    if (fd < 0) {
        text_putf(out_error, "the input cannot be read a second time: %s", strerror(errno));
        return false;
    }
    if (capture_open(fd, (struct bytes){NULL, 0}, events, &opened->arena, &opened->capture,
                     &message) == CAPTURE_OK)
        return true;
    text_putf(out_error, "the input cannot be read a second time: %s", message);
    arena_clear(&opened->arena);
    return false;
}

/* The next frame, counted through all inputs. */
static bool next_frame(struct writing *w, struct opened *opened, struct frame *frame)
{
    if (capture_next(opened->capture, frame) != CAPTURE_OK)
        return false;
    w->frames = frame->number += w->before;
    return true;
}

static void close_again(struct opened *opened)
{
    capture_close(opened->capture);
    arena_clear(&opened->arena);
}

static void select_frame(struct writing *w, const struct frame *frame, const struct packet *packet,
                         const struct packet_pieces *pieces)
{
    bool wanted = plan_has_frame(w->rewrite->plan, frame->number) ||
                  (packet != NULL && plan_has_packet(w->rewrite->plan, packet));
    size_t i;

    if (!wanted)
        return;
    frame_set_add(&w->selected, frame->number);
    for (i = 0; packet != NULL && i < pieces->num; i++)
        frame_set_add(&w->selected, pieces->at[i].frame);
}

/* First pass over one input: which frames are wanted, and where the secrets are. False when there
 * is no room left. */
static bool look_at(struct writing *w, struct packet_decoder *decoder, struct opened *opened)
{
    struct packet_pieces pieces;
    struct packet packet;
    struct frame frame;
    bool room = true;

    while (room && next_frame(w, opened, &frame)) {
        bool found = packet_decode(decoder, &frame, &packet);

        packet_decoder_pieces(decoder, &pieces);
        if (w->rewrite->extract)
            select_frame(w, &frame, found ? &packet : NULL, &pieces);
        if (w->redactor != NULL &&
            (!w->rewrite->extract || pieces.num > 0 || frame_set_has(&w->selected, frame.number)))
            room = redactor_frame(w->redactor, &frame, found ? &packet : NULL, &pieces);
    }
    return room;
}

static bool look(struct writing *w, const int *in, size_t num, struct text *out_error)
{
    struct packet_decoder *decoder = packet_decoder_open(NULL);
    struct opened opened;
    bool read = true, room = true;
    size_t i;

    for (w->frames = 0, i = 0; i < num && read && room; i++) {
        opened = (struct opened){0};
        read = open_again(w, &opened, in[i], NULL, out_error);
        if (!read)
            break;
        room = look_at(w, decoder, &opened);
        close_again(&opened);
    }
    packet_decoder_close(decoder);
    if (!read)
        return false;
    if (!room)
        text_put(
            out_error,
            "the input is too large to be redacted as a whole; cut it down with --extract first");
    if (!room || w->redactor == NULL || redactor_finish(w->redactor))
        return room;
    text_put(out_error, "there are secrets in IP fragments within IP fragments, which cannot be "
                        "overwritten");
    return false;
}

/* Second pass over one input. `section`: the result has a section that its interfaces may go into.
 */
static bool write_one(struct writing *w, int in, bool section, struct text *out_error)
{
    struct capture_events events = {w, NULL, NULL, take_block};
    struct opened opened = {0};
    struct frame frame;

    w->is_pcapng = false;
    if (!open_again(w, &opened, in, &events, out_error))
        return false;
    if (!w->is_pcapng && !section) {
        block_put_section(&w->out, "krbwhy",
                          w->rewrite->extract ? "an extract made by krbwhy" : NULL);
        w->num_interfaces = 0;
    }
    while (w->error == 0 && next_frame(w, &opened, &frame)) {
        if (is_wanted(w, &frame)) {
            w->num_written++;
            if (w->is_pcapng)
                put_block(w, &frame);
            else
                put_frame(w, &frame);
        }
        flush(w, WRITE_CHUNK);
    }
    flush(w, 0);
    close_again(&opened);
    if (w->error != 0)
        text_putf(out_error, "the capture cannot be written: %s", strerror(w->error));
    return w->error == 0;
}

static bool write_all(struct writing *w, const int *in, size_t num, struct text *out_error)
{
    bool section = false;

    for (w->frames = 0, w->file = 0; w->file < num; w->file++) {
        if (!write_one(w, in[w->file], section, out_error))
            return false;
        section = !w->is_pcapng;
    }
    return true;
}

/* Decryption secrets open everything that the capture holds encrypted. */
static void tell_secrets(const struct writing *w)
{
    struct text line = {0};

    if (w->num_secrets == 0)
        return;
    text_putf(&line, "%lld block%s of decryption secrets (keys of encrypted connections) %s%s",
              (long long)w->num_secrets, w->num_secrets == 1 ? "" : "s",
              w->num_secrets == 1 ? "is " : "are ",
              w->redactor != NULL ? "left out of the redacted capture"
                                  : "in the result: give it only to whom you trust, or use "
                                    "--redact");
    tell(w, text_str(&line));
    text_clear(&line);
}

static void tell_redacted(const struct writing *w)
{
    const struct scan_counts *counts = redactor_counts(w->redactor);
    struct text line = {0};

    text_putf(&line,
              "redacted: %lld ciphertexts, %lld NTLM responses, %lld cookies and credentials; "
              "names, addresses and contents stay",
              (long long)counts->ciphertexts, (long long)counts->ntlm, (long long)counts->headers);
    tell(w, text_str(&line));
    if (w->num_dropped > 0) {
        text_reset(&line);
        text_putf(&line,
                  "%lld pcapng block%s of other kinds than packets, interfaces, names and "
                  "statistics left out of the redacted capture",
                  (long long)w->num_dropped, w->num_dropped == 1 ? "" : "s");
        tell(w, text_str(&line));
    }
    if (counts->zeroed > 0) {
        text_reset(&line);
        text_putf(&line, "%lld cut or incomplete secrets were overwritten with zeros",
                  (long long)counts->zeroed);
        tell(w, text_str(&line));
    }
    text_clear(&line);
}

bool rewrite_run(const struct rewrite *rewrite, const int *in, size_t num, struct text *out_error)
{
    struct writing w = {.rewrite = rewrite};
    bool done = true;

    if (rewrite->redact)
        w.redactor = redactor_open();
    if (rewrite->extract || rewrite->redact)
        done = look(&w, in, num, out_error);
    done = done && write_all(&w, in, num, out_error);
    if (done)
        tell_secrets(&w);
    if (done && rewrite->redact)
        tell_redacted(&w);
    redactor_close(w.redactor);
    frame_set_clear(&w.selected);
    text_clear(&w.out);
    text_clear(&w.comment);
    text_clear(&w.scratch);
    memory_drop(w.interfaces);
    return done;
}

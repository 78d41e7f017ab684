/* SPDX-License-Identifier: MIT */
#include "rewrite/writer.h"

#include <errno.h>
#include <unistd.h>

#include "base/memory.h"
#include "capture/capture.h"
#include "rewrite/block.h"

enum { NUM_INTERFACES = 4096, LINK_USER0 = 147, LINK_WIFI = 105 };

void writer_tell(const struct writing *w, const char *line)
{
    if (w->rewrite->tell != NULL)
        w->rewrite->tell(w->rewrite->user, line);
}

/* ---- writing ---- */

void writer_flush(struct writing *w, size_t keep)
{
    size_t done = 0;

    if (w->out.len <= keep)
        return;
    w->any = true;
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

/* A redacted capture keeps no text that people or tools put beside the packets. */
static struct bytes strip(struct writing *w, struct bytes raw, bool big)
{
    text_reset(&w->stripped);
    if (w->redactor == NULL || !block_put_stripped(&w->stripped, raw, big, &w->num_options))
        return raw;
    return (struct bytes){(const uint8_t *)w->stripped.at, w->stripped.len};
}

void writer_take_block(void *user, struct bytes raw, bool big, bool cut)
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
        writer_tell(w, "a pcapng block that is too long is left out of the result");
        w->told_cut = true;
    }
    if (cut)
        return;
    w->num_secrets += type == BLOCK_SECRETS;
    if (w->redactor != NULL && !is_harmless_block(type)) {
        w->num_dropped += type != BLOCK_SECRETS;
        return;
    }
    raw = strip(w, raw, big);
    if (type == BLOCK_SECTION)
        put_section(w, raw);
    else
        text_put_bytes(&w->out, raw);
    writer_flush(w, WRITE_CHUNK);
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

void writer_put_block(struct writing *w, const struct frame *frame)
{
    const char *comment = comment_on(w, frame->number);
    struct bytes raw = w->held;

    if (w->held_cut || frame->data.at == NULL) {
        if (w->held_cut)
            writer_tell(w, "a packet of more than the program's limit is left out of the result");
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
    raw = strip(w, raw, w->held_big);
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

void writer_put_frame(struct writing *w, const struct frame *frame)
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
    if (w->redactor != NULL && out.comment.len > 0) {
        out.comment.len = 0;
        w->num_options++;
    }
    if (skip > 0) {
        out.data.at += skip;
        out.data.len -= skip;
        out.wire_len -= skip;
    }
    block_put_frame(&w->out, &out, interface, comment_on(w, frame->number));
}

bool writer_is_wanted(const struct writing *w, const struct frame *frame)
{
    if (frame->link_type == LINK_PCAPNG_RECORD && w->redactor != NULL)
        return false;
    return !w->rewrite->extract || frame_set_has(&w->selected, frame->number);
}

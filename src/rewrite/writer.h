/* SPDX-License-Identifier: MIT */
/* The second pass: blocks and frames as they go to the result. */
#ifndef KRBWHY_REWRITE_WRITER_H
#define KRBWHY_REWRITE_WRITER_H

#include "rewrite/redact.h"
#include "rewrite/rewrite.h"
#include "rewrite/select.h"

enum { WRITE_CHUNK = 256 * 1024 };

/* An interface of the result, made for an input that is no pcapng. */
struct made_interface {
    uint32_t interface, link_type;
};

struct writing {
    const struct rewrite *rewrite;
    struct frame_set selected;
    struct redactor *redactor;        /* NULL: nothing is redacted */
    struct text out;                  /* to be written */
    int error;                        /* errno of a failed write; 0 none */
    size_t file;                      /* of several inputs: the one that is read */
    int64_t before, frames;           /* frames of those before it; of all so far */
    bool is_pcapng, told_cut, any;    /* something was written */
    int64_t num_secrets, num_dropped; /* blocks of decryption secrets, and others left out */
    /* pcapng: the packet block that the next frame belongs to. */
    struct bytes held;
    bool held_big, held_cut;
    /* Other formats. */
    struct made_interface *interfaces;
    size_t num_interfaces;
    int64_t num_written;
    struct text comment, scratch, stripped;
    int64_t num_options; /* comments and custom options left out */
};

/* One line to whoever asked for the result. */
void writer_tell(const struct writing *w, const char *line);

/* Writes what is gathered once it is more than `keep` octets; keeps the first error. */
void writer_flush(struct writing *w, size_t keep);

/* capture_events.block: what is no packet goes out, a packet's block is held for its frame. */
void writer_take_block(void *user, struct bytes raw, bool big, bool cut);

/* The frame of the held block; a frame of an input that is no pcapng. */
void writer_put_block(struct writing *w, const struct frame *frame);
void writer_put_frame(struct writing *w, const struct frame *frame);

bool writer_is_wanted(const struct writing *w, const struct frame *frame);

#endif

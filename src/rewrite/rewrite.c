/* SPDX-License-Identifier: MIT */
#include "rewrite/rewrite.h"

#include <errno.h>
#include <unistd.h>

#include "base/memory.h"
#include "capture/capture.h"
#include "rewrite/block.h"
#include "rewrite/writer.h"

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
    struct capture_events events = {w, NULL, NULL, writer_take_block};
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
        if (writer_is_wanted(w, &frame)) {
            w->num_written++;
            if (w->is_pcapng)
                writer_put_block(w, &frame);
            else
                writer_put_frame(w, &frame);
        }
        writer_flush(w, WRITE_CHUNK);
    }
    writer_flush(w, 0);
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
    if (!w->any) /* even the section's header was too long */
        text_put(out_error, "there is nothing in it that could be written");
    return w->any;
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
    writer_tell(w, text_str(&line));
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
    writer_tell(w, text_str(&line));
    if (w->num_dropped > 0) {
        text_reset(&line);
        text_putf(&line,
                  "%lld pcapng block%s of other kinds than packets, interfaces, names and "
                  "statistics left out of the redacted capture",
                  (long long)w->num_dropped, w->num_dropped == 1 ? "" : "s");
        writer_tell(w, text_str(&line));
    }
    if (w->num_options > 0) {
        text_reset(&line);
        text_putf(&line,
                  "%lld comment%s and custom option%s beside packets left out of the redacted "
                  "capture",
                  (long long)w->num_options, w->num_options == 1 ? "" : "s",
                  w->num_options == 1 ? "" : "s");
        writer_tell(w, text_str(&line));
    }
    if (counts->zeroed > 0) {
        text_reset(&line);
        text_putf(&line, "%lld cut or incomplete secrets were overwritten with zeros",
                  (long long)counts->zeroed);
        writer_tell(w, text_str(&line));
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
    text_clear(&w.stripped);
    memory_drop(w.interfaces);
    return done;
}

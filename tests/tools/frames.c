/* SPDX-License-Identifier: MIT */
/* Prints every frame of a capture, one a line, for the tests:
 *   number TAB seconds.nanoseconds (or "-") TAB captured TAB on the wire TAB link type TAB
 * interface TAB process TAB pid TAB comment then "name", "problem" and "info" lines. Exit status 0;
 * 1 when the file was refused. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "capture/capture.h"

static struct text out;

static void put_text(const char *label, const char *text)
{
    text_put(&out, label);
    text_put_plain(&out, text == NULL ? "-" : text);
}

static void print_problem(void *user, const char *code, int64_t frame, int64_t offset,
                          const char *message)
{
    (void)user;
    text_putf(&out, "problem\t%s\t%" PRId64 "\t%" PRId64, code, frame, offset);
    put_text("\t", message);
    text_put_char(&out, '\n');
}

static void print_name(void *user, const struct capture_name *name)
{
    size_t i;

    (void)user;
    text_put(&out, "name\t");
    for (i = 0; i < name->address.len; i++)
        text_putf(&out, "%02x", name->address.at[i]);
    put_text("\t", name->name);
    text_put_char(&out, '\n');
}

static void print_frame(const struct frame *frame, struct arena *scratch)
{
    uint64_t distance = frame->time_ns < 0 ? -(uint64_t)frame->time_ns : (uint64_t)frame->time_ns;

    text_putf(&out, "%" PRId64 "\t", frame->number);
    if (frame->has_time)
        text_putf(&out, "%s%" PRIu64 ".%09" PRIu64, frame->time_ns < 0 ? "-" : "",
                  distance / 1000000000, distance % 1000000000);
    else
        text_put(&out, "-");
    text_putf(&out, "\t%zu\t%zu\t%" PRIu32 "\t%" PRIu32, frame->data.len, frame->wire_len,
              frame->link_type, frame->interface);
    put_text("\t", frame->process);
    text_putf(&out, "\t%" PRId64, frame->pid);
    put_text("\t", frame->comment.len > 0 ? arena_text(scratch, frame->comment) : NULL);
    text_put_char(&out, '\n');
    arena_clear(scratch);
}

static void print_info(const struct capture_info *info)
{
    size_t i;

    text_putf(&out, "info\t%s\t%" PRId64 "\t%s", info->format, info->packets,
              info->zone_unknown ? "zone-unknown" : "utc");
    put_text("\t", info->hardware);
    put_text("\t", info->os);
    put_text("\t", info->application);
    put_text("\t", info->comment);
    text_put(&out, "\t");
    for (i = 0; i < info->num_link_types; i++)
        text_putf(&out, "%s%s", i == 0 ? "" : ",", info->link_types[i]);
    text_put_char(&out, '\n');
}

static void flush(void)
{
    fwrite(text_str(&out), 1, out.len, stdout);
    text_reset(&out);
}

int main(int argc, char **argv)
{
    struct capture_events events = {NULL, print_problem, print_name, NULL};
    int fd = argc > 1 && strcmp(argv[1], "-") != 0 ? open(argv[1], O_RDONLY) : dup(STDIN_FILENO);
    struct arena arena = {0}, scratch = {0};
    struct bytes nothing = {NULL, 0};
    struct capture *capture;
    struct frame frame;
    const char *message;
    enum capture_status status = capture_open(fd, nothing, &events, &arena, &capture, &message);

    if (status == CAPTURE_OK) {
        while (capture_next(capture, &frame) == CAPTURE_OK) {
            print_frame(&frame, &scratch);
            if (out.len > 1 << 16)
                flush();
        }
        print_info(capture_info(capture));
        capture_close(capture);
    } else {
        put_text(status == CAPTURE_NOT ? "not\t" : "failed\t", message);
        text_put_char(&out, '\n');
    }
    flush();
    text_clear(&out);
    arena_clear(&arena);
    return status == CAPTURE_OK ? 0 : 1;
}

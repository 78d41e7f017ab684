/* SPDX-License-Identifier: MIT */
#include "capture/capture.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "capture/container.h"

#define CONTAINER(name) &container_##name,
static const struct container *const containers[] = {
#include "capture/containers.def"
};

#define UNPACKER(name) &unpacker_##name,
static const struct unpacker *const unpackers[] = {
#include "capture/unpackers.def"
};

enum {
    NUM_CONTAINERS = sizeof(containers) / sizeof(*containers),
    NUM_UNPACKERS = sizeof(unpackers) / sizeof(*unpackers),
    NUM_LINK_TYPES = LINK_NOT_SEEN, /* all values a frame can have are below */
    MESSAGE_ROOM = 512
};

static const struct container *find_container(struct bytes start)
{
    size_t i;

    for (i = 0; i < NUM_CONTAINERS; i++)
        if (containers[i]->recognise(start))
            return containers[i];
    return NULL;
}

static const struct unpacker *find_unpacker(struct bytes start)
{
    size_t i;

    for (i = 0; i < NUM_UNPACKERS; i++)
        if (unpackers[i]->recognise(start))
            return unpackers[i];
    return NULL;
}

static const char *print_message(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static const char *print_message(struct arena *arena, const char *format, va_list args)
{
    char line[MESSAGE_ROOM];

    vsnprintf(line, sizeof(line), format, args);
    return arena_text(arena, bytes_of_text(line));
}

void container_problem(struct capture *capture, const char *code, int64_t offset,
                       const char *format, ...)
{
    va_list args;

    if (capture->events.problem == NULL)
        return;
    va_start(args, format);
    capture->events.problem(capture->events.user, code, capture->number, offset,
                            print_message(&capture->arena, format, args));
    va_end(args);
}

/* The first input of the stack, from the descriptor up, that failed; NULL: none did. */
static const struct input *find_failed(const struct input *input)
{
    const struct input *failed = NULL;

    for (; input != NULL; input = input->below)
        if (input->fault != FAULT_NONE)
            failed = input;
    return failed;
}

static const char *code_of(enum fault fault)
{
    switch (fault) {
    case FAULT_LIMIT:
        return "limit-ratio";
    case FAULT_MALFORMED:
    case FAULT_UNSUPPORTED:
        return "malformed-file";
    default:
        return "truncated-file";
    }
}

void container_ended(struct capture *capture, int64_t offset, bool regular, const char *what)
{
    const struct input *failed = find_failed(capture->input);

    if (failed != NULL && failed->error != 0)
        container_problem(capture, "read-error", offset, "%s after frame %lld: %s", failed->what,
                          (long long)capture->number, strerror(failed->error));
    else if (failed != NULL)
        container_problem(capture, code_of(failed->fault), offset,
                          "the %s ends after frame %lld, because %s; what comes before is analysed",
                          capture->info.format, (long long)capture->number, failed->what);
    else if (!regular)
        container_problem(capture, "truncated-file", offset,
                          "the file ends %s, after frame %lld; what comes before is analysed", what,
                          (long long)capture->number);
}

enum capture_status container_refuse(struct capture *capture, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    capture->message = print_message(capture->answer, format, args);
    va_end(args);
    return CAPTURE_FAILED;
}

/* Puts unpackers on top of the input for as long as it looks compressed; returns what is in it. */
static struct bytes unpack(struct capture *capture, struct bytes start)
{
    size_t depth;

    for (depth = 0; depth < LIMIT_UNPACKERS; depth++) {
        const struct unpacker *unpacker = find_unpacker(start);

        if (unpacker == NULL)
            break;
        capture->input = unpacker->open(capture->input);
        capture->info.format =
            capture->info.format == NULL
                ? unpacker->name
                : arena_print(&capture->arena, "%s in %s", unpacker->name, capture->info.format);
        start = input_peek(capture->input, CONTAINER_START);
    }
    return start;
}

/* Nothing in it that looks like a capture. */
static enum capture_status refuse_start(struct capture *capture, struct bytes start)
{
    const struct input *failed = find_failed(capture->input);
    const char *wrapper = capture->info.format, *what;

    if (failed != NULL && failed->error != 0)
        return container_refuse(capture, "%s: %s", failed->what, strerror(failed->error));
    if (failed != NULL)
        return container_refuse(capture, "damaged %s data near its start: %s", wrapper,
                                failed->what);
    what = foreign_describe(start, capture->answer);
    capture->message =
        wrapper == NULL ? what : arena_print(capture->answer, "in %s: %s", wrapper, what);
    return CAPTURE_NOT;
}

static enum capture_status open_container(struct capture *capture)
{
    struct bytes start = unpack(capture, input_peek(capture->input, CONTAINER_START));
    const struct container *container = find_container(start);
    const char *wrapper = capture->info.format;

    if (container == NULL)
        return refuse_start(capture, start);
    capture->container = container;
    capture->info.format = wrapper == NULL
                               ? container->name
                               : arena_print(&capture->arena, "%s in %s", container->name, wrapper);
    return container->open(capture);
}

enum capture_status capture_open(int fd, struct bytes first, const struct capture_events *events,
                                 struct arena *arena, struct capture **out_capture,
                                 const char **out_message)
{
    struct capture *capture = memory_take(1, sizeof(*capture));
    enum capture_status status;

    capture->input = input_open(fd, first);
    capture->answer = arena;
    capture->last_link = LINK_NOT_SEEN;
    capture->links_seen = memory_take(NUM_LINK_TYPES / 8 + 1, 1);
    if (events != NULL)
        capture->events = *events;
    status = open_container(capture);
    *out_capture = NULL;
    *out_message = capture->message;
    if (status == CAPTURE_OK)
        *out_capture = capture;
    else
        capture_close(capture);
    return status;
}

static const char *name_link(struct capture *capture, uint32_t link_type)
{
    static const char *const special[] = {"NETMON_EVENT", "NETMON_METADATA", "NETMON_WIFI",
                                          "NETMON_OTHER", "PCAPNG_RECORD"};
    const char *name;

    if (link_type >= LINK_NETMON_EVENT)
        return special[link_type - LINK_NETMON_EVENT];
    name = link_name_find(link_type);
    return name != NULL ? arena_text(&capture->arena, bytes_of_text(name))
                        : arena_print(&capture->arena, "LINKTYPE_%u", link_type);
}

/* Off the hot path: a link type that differs from the last frame's. */
static void note_link(struct capture *capture, uint32_t link_type)
{
    uint8_t bit = (uint8_t)(1u << (link_type & 7));
    size_t num = capture->info.num_link_types;

    capture->last_link = link_type;
    if ((capture->links_seen[link_type / 8] & bit) != 0)
        return;
    capture->links_seen[link_type / 8] |= bit;
    capture->link_names = memory_grow(capture->link_names, num + 1, sizeof(*capture->link_names));
    capture->link_names[num] = name_link(capture, link_type);
    capture->info.link_types = capture->link_names;
    capture->info.num_link_types = num + 1;
}

/* Off the hot path: a record that holds more bytes than it says were on the wire, or too many. */
static void bound_data(struct capture *capture, struct frame *frame)
{
    if (frame->wire_len < frame->data.len)
        frame->wire_len = frame->data.len;
    if (frame->data.len <= LIMIT_FRAME_BYTES)
        return;
    frame->data.len = LIMIT_FRAME_BYTES;
    if (!capture->noted_cut)
        container_problem(capture, "limit-frame", -1,
                          "frame %lld has more than %zu captured bytes; the rest is not looked at",
                          (long long)capture->number, LIMIT_FRAME_BYTES);
    capture->noted_cut = true;
}

enum capture_status capture_next(struct capture *capture, struct frame *out_frame)
{
    if (capture->ended)
        return CAPTURE_END;
    *out_frame = (struct frame){.pid = -1};
    if (capture->container->next(capture, out_frame) != CAPTURE_OK) {
        capture->ended = true;
        return CAPTURE_END;
    }
    out_frame->number = ++capture->number;
    capture->info.packets += out_frame->link_type != LINK_PCAPNG_RECORD;
    if (out_frame->link_type != capture->last_link)
        note_link(capture, out_frame->link_type);
    if (out_frame->data.len > size_min(out_frame->wire_len, LIMIT_FRAME_BYTES))
        bound_data(capture, out_frame);
    return CAPTURE_OK;
}

size_t capture_take(struct capture *capture, struct frame *out_frames, size_t room)
{
    size_t num = 0, i;

    if (capture->container->take != NULL && !capture->ended)
        num = capture->container->take(capture, out_frames, room);
    for (i = 0; i < num; i++) {
        out_frames[i].number = ++capture->number;
        if (out_frames[i].link_type != capture->last_link)
            note_link(capture, out_frames[i].link_type);
    }
    capture->info.packets += (int64_t)num;
    return num > 0 ? num : capture_next(capture, out_frames) == CAPTURE_OK;
}

const struct capture_info *capture_info(struct capture *capture)
{
    return &capture->info;
}

void capture_close(struct capture *capture)
{
    if (capture == NULL)
        return;
    if (capture->container != NULL)
        capture->container->close(capture);
    input_close(capture->input);
    memory_drop(capture->link_names);
    memory_drop(capture->interface_names);
    memory_drop(capture->links_seen);
    arena_clear(&capture->arena);
    memory_drop(capture);
}

/* SPDX-License-Identifier: MIT */
/* Observations of a log by their ids, packed or not. */
#include "base/memory.h"
#include "observation/packed.h"

void log_relate(struct source *source)
{
    source->first_frame = (int64_t)((uint64_t)source->frame - (uint64_t)source->first_frame);
    source->first_ns = (int64_t)((uint64_t)source->time_ns - (uint64_t)source->first_ns);
}

void log_pack(struct log *log)
{
    if (log->packed == NULL)
        log->packed = memory_take(1, sizeof(*log->packed));
}

void log_begin_packed(struct log *log, int64_t input)
{
    struct packed *packed = log->packed;

    if (packed == NULL)
        return;
    if (packed->num_runs == 0 || packed->runs[packed->num_runs - 1].before < log->last) {
        packed->runs = memory_grow(packed->runs, packed->num_runs + 1, sizeof(*packed->runs));
        packed->num_runs++;
    }
    packed->runs[packed->num_runs - 1] = (struct packed_run){log->last, input};
}

void log_renumber_packed(struct log *log, int64_t input)
{
    size_t i;

    for (i = 0; log->packed != NULL && i < log->packed->num_runs; i++)
        log->packed->runs[i].input = input;
}

void log_clear_packed(struct log *log)
{
    if (log->packed == NULL)
        return;
    text_clear(&log->packed->bytes);
    map_clear(&log->packed->found);
    arena_clear(&log->packed->arena);
    memory_drop(log->packed->place);
    memory_drop(log->packed->runs);
    memory_drop(log->packed->kept);
    memory_drop(log->packed);
}

static uint32_t place_of(const struct log *log, int64_t id)
{
    if (id < 1 || id > log->last)
        return PACKED_NOWHERE;
    return log->packed == NULL ? (uint32_t)(id - 1) : log->packed->place[id - 1];
}

const struct observation *log_whole(const struct log *log, int64_t id)
{
    uint32_t place = place_of(log, id);

    return (place & PACKED_BIT) != 0 ? NULL : &log->at[place];
}

const struct observation *log_look(const struct log *log, int64_t id, struct log_room *room)
{
    uint32_t place = place_of(log, id);

    if (place == PACKED_NOWHERE)
        return NULL;
    if ((place & PACKED_BIT) == 0)
        return &log->at[place];
    arena_reset(&room->arena);
    packed_read(log, id, place & ~PACKED_BIT, &room->arena, &room->observation);
    return &room->observation;
}

const struct source *log_look_source(const struct log *log, int64_t id, struct log_room *room)
{
    uint32_t place = place_of(log, id);

    if (place == PACKED_NOWHERE)
        return NULL;
    if ((place & PACKED_BIT) == 0)
        return &log->at[place].source;
    packed_read_source(log, id, place & ~PACKED_BIT, &room->arena, &room->observation.source);
    return &room->observation.source;
}

void log_leave(struct log_room *room)
{
    arena_clear(&room->arena);
}

static uint64_t key_of(int64_t id)
{
    return map_hash(MAP_SEED, (struct bytes){(const uint8_t *)&id, sizeof(id)});
}

/* A packed one as a struct, once: the log is the same afterwards. */
static const struct observation *keep(const struct log *log, int64_t id, uint32_t place)
{
    struct packed *packed = log->packed;
    struct observation *fresh;
    size_t at = 0;
    int64_t index;

    while (map_next(&packed->found, key_of(id), &at, &index))
        if (packed->kept[index]->id == id)
            return packed->kept[index];
    fresh = arena_take(&packed->arena, 1, sizeof(*fresh));
    packed_read(log, id, place & ~PACKED_BIT, &packed->arena, fresh);
    if (packed->num_kept == packed->room_kept) {
        packed->room_kept = packed->room_kept == 0 ? 64 : packed->room_kept * 2;
        packed->kept = memory_grow(packed->kept, packed->room_kept, sizeof(*packed->kept));
    }
    map_add(&packed->found, key_of(id), (int64_t)packed->num_kept);
    packed->kept[packed->num_kept++] = fresh;
    return fresh;
}

const struct observation *log_find(const struct log *log, int64_t id)
{
    uint32_t place = place_of(log, id);

    if (place == PACKED_NOWHERE)
        return NULL;
    return (place & PACKED_BIT) == 0 ? &log->at[place] : keep(log, id, place);
}

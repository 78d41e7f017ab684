/* SPDX-License-Identifier: MIT */
/* pcapng blocks that describe: sections, interfaces, names, and the options of all blocks. */
#include "base/limits.h"
#include "base/memory.h"
#include "capture/pcapng.h"

/* Option codes (draft-ietf-opsawg-pcapng, sections 3.5, 4.1 and 4.2). */
enum {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SECTION_HARDWARE = 2,
    SECTION_OS = 3,
    SECTION_APPLICATION = 4,
    INTERFACE_NAME = 2,
    INTERFACE_DESCRIPTION = 3,
    INTERFACE_RESOLUTION = 9,
    INTERFACE_OS = 12,
    INTERFACE_OFFSET = 14,
    INTERFACE_HARDWARE = 15
};

/* Name resolution records (section 4.5). */
enum { NAME_END = 0, NAME_IPV4 = 1, NAME_IPV6 = 2 };

static const uint64_t default_units = 1000000;

enum { NANOSECONDS = 1000000000 };

static void skip_padding(struct reader *reader, size_t len)
{
    reader_skip(reader, size_min((4 - len % 4) % 4, reader_left(reader)));
}

bool pcapng_take_option(struct pcapng_block *block, struct pcapng_option *out_option)
{
    struct reader *body = &block->body;
    size_t len;

    if (reader_left(body) < 4)
        return false; /* the end mark may be missing (section 3.5) */
    out_option->code = pcapng_u16(block, body);
    len = pcapng_u16(block, body);
    if (out_option->code == OPTION_END)
        return false;
    out_option->value = reader_bytes(body, len);
    skip_padding(body, len);
    return reader_ok(body);
}

/* The first value of each text counts: later sections are of merged files. */
static void keep_text(struct capture *capture, const char **field, struct bytes value)
{
    const uint8_t *end = value.len > 0 ? memchr(value.at, 0, value.len) : NULL;

    if (end != NULL)
        value.len = (size_t)(end - value.at); /* some writers count a terminator */
    if (*field == NULL && value.len > 0)
        *field = arena_text(&capture->arena, value);
}

static void take_section_options(struct capture *capture, struct pcapng_block *block)
{
    struct capture_info *info = &capture->info;
    struct pcapng_option option;

    while (pcapng_take_option(block, &option)) {
        switch (option.code) {
        case OPTION_COMMENT:
            keep_text(capture, &info->comment, option.value);
            break;
        case SECTION_HARDWARE:
            keep_text(capture, &info->hardware, option.value);
            break;
        case SECTION_OS:
            keep_text(capture, &info->os, option.value);
            break;
        case SECTION_APPLICATION:
            keep_text(capture, &info->application, option.value);
            break;
        default:
            break;
        }
    }
}

enum pcapng_step pcapng_section(struct capture *capture, struct pcapng_block *block,
                                struct frame *out_frame)
{
    struct pcapng *pcapng = capture->state;
    uint16_t major, minor;

    (void)out_frame;
    reader_skip(&block->body, 4); /* the magic, seen already */
    major = pcapng_u16(block, &block->body);
    minor = pcapng_u16(block, &block->body);
    reader_skip(&block->body, 8); /* length of the section, often unknown: not needed */
    if (!reader_ok(&block->body))
        return pcapng_stop(capture, block, "a section header shorter than its fields");
    if (major == 0x100 && minor == 0) { /* an early tool that turned only types and lengths */
        pcapng->big_fields = block->big = !block->big;
        major = 1;
    }
    if (major != 1 || (minor != 0 && minor != 2)) /* 1.2 is 1.0 too (section 4.1) */
        return pcapng_stop(capture, block, "a section of an unknown version");
    pcapng->first_interface += (uint32_t)pcapng->num_interfaces;
    pcapng->num_interfaces = 0;
    take_section_options(capture, block);
    if (!reader_ok(&block->body))
        pcapng_note(capture, block, &pcapng->noted_option, "an option longer than its block");
    return PCAPNG_PASSED;
}

/* if_tsresol: a power of 10, or of 2 where the top bit is set. */
static uint64_t units_of(struct bytes value)
{
    uint8_t exponent = value.len > 0 ? value.at[0] & 0x7F : 6;
    uint64_t units = 1;

    if (value.len > 0 && (value.at[0] & 0x80) != 0)
        return exponent > 63 ? UINT64_MAX : UINT64_C(1) << exponent;
    if (exponent > 19)
        return UINT64_MAX;
    while (exponent-- > 0)
        units *= 10;
    return units;
}

/* Names of the first interfaces of all sections. */
static void keep_name(struct capture *capture, const char *name)
{
    struct capture_info *info = &capture->info;

    if (info->num_interfaces >= LIMIT_INTERFACES)
        return;
    capture->interface_names =
        memory_grow(capture->interface_names, info->num_interfaces + 1, sizeof(const char *));
    capture->interface_names[info->num_interfaces++] = name;
    info->interfaces = capture->interface_names;
}

static void take_interface_options(struct capture *capture, struct pcapng_block *block,
                                   struct pcapng_interface *interface)
{
    struct pcapng_option option;
    const char *name = NULL, *description = NULL;

    while (pcapng_take_option(block, &option)) {
        struct reader value;

        switch (option.code) {
        case INTERFACE_NAME:
            keep_text(capture, &name, option.value);
            break;
        case INTERFACE_DESCRIPTION:
            keep_text(capture, &description, option.value);
            break;
        case INTERFACE_RESOLUTION:
            interface->units = units_of(option.value);
            break;
        case INTERFACE_OFFSET:
            reader_init(&value, option.value, false);
            interface->offset_s = (int64_t)(block->big ? reader_be64(&value) : reader_le64(&value));
            break;
        case INTERFACE_OS:
            keep_text(capture, &capture->info.os, option.value);
            break;
        case INTERFACE_HARDWARE:
            keep_text(capture, &capture->info.hardware, option.value);
            break;
        default:
            break;
        }
    }
    keep_name(capture, name != NULL ? name : description);
}

static struct pcapng_interface *add_interface(struct pcapng *pcapng)
{
    if (pcapng->num_interfaces == pcapng->room) {
        pcapng->room = pcapng->room == 0 ? 8 : pcapng->room * 2;
        pcapng->interfaces =
            memory_grow(pcapng->interfaces, pcapng->room, sizeof(*pcapng->interfaces));
    }
    return &pcapng->interfaces[pcapng->num_interfaces++];
}

enum pcapng_step pcapng_interface(struct capture *capture, struct pcapng_block *block,
                                  struct frame *out_frame)
{
    struct pcapng *pcapng = capture->state;
    struct pcapng_interface fresh = {.units = default_units};

    (void)out_frame;
    fresh.link_type = link_type_normal(pcapng_u16(block, &block->body));
    reader_skip(&block->body, 2);
    fresh.snaplen = pcapng_u32(block, &block->body);
    if (!reader_ok(&block->body))
        return pcapng_stop(capture, block, "an interface description shorter than its fields");
    if (pcapng->num_interfaces >= LIMIT_INTERFACES)
        return pcapng_stop(capture, block, "more interfaces than this program keeps");
    take_interface_options(capture, block, &fresh);
    if (!reader_ok(&block->body))
        pcapng_note(capture, block, &pcapng->noted_option, "an option longer than its block");
    if (fresh.offset_s == 0 && NANOSECONDS % fresh.units == 0)
        fresh.unit_ns = (uint32_t)(NANOSECONDS / fresh.units);
    *add_interface(pcapng) = fresh;
    return PCAPNG_PASSED;
}

/* The names of one address, each ended by a NUL. */
static void report_names(struct capture *capture, struct bytes address, struct bytes names)
{
    struct pcapng *pcapng = capture->state;

    while (names.len > 0) {
        const uint8_t *end = memchr(names.at, 0, names.len);
        size_t len = end == NULL ? names.len : (size_t)(end - names.at), passed;
        struct capture_name name = {.address = address};

        if (len > 0) {
            name.name = arena_text(&pcapng->scratch, (struct bytes){names.at, len});
            capture->events.name(capture->events.user, &name);
        }
        passed = size_min(len + 1, names.len);
        names = (struct bytes){names.at + passed, names.len - passed};
    }
    arena_reset(&pcapng->scratch);
}

enum pcapng_step pcapng_names(struct capture *capture, struct pcapng_block *block,
                              struct frame *out_frame)
{
    struct pcapng *pcapng = capture->state;
    uint16_t type;

    (void)out_frame;
    if (capture->events.name == NULL)
        return PCAPNG_PASSED;
    while (reader_left(&block->body) >= 4 && (type = pcapng_u16(block, &block->body)) != NAME_END) {
        size_t len = pcapng_u16(block, &block->body);
        size_t address_len = type == NAME_IPV4 ? 4 : 16;
        struct reader record = reader_child(&block->body, len);

        skip_padding(&block->body, len);
        if (type == NAME_IPV4 || type == NAME_IPV6) {
            struct bytes address = reader_bytes(&record, address_len);
            struct bytes names = reader_rest(&record);

            if (reader_ok(&record) && reader_ok(&block->body))
                report_names(capture, address, names);
        }
        reader_close(&block->body, &record);
    }
    if (!reader_ok(&block->body))
        pcapng_note(capture, block, &pcapng->noted_name, "a name longer than its block");
    return PCAPNG_PASSED;
}

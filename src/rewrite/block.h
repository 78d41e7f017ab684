/* SPDX-License-Identifier: MIT */
/* pcapng blocks made anew (draft-ietf-opsawg-pcapng), and packet blocks of a file changed. */
#ifndef KRBWHY_REWRITE_BLOCK_H
#define KRBWHY_REWRITE_BLOCK_H

#include "base/text.h"
#include "capture/frame.h"

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE = 3,
    BLOCK_NAMES = 4,
    BLOCK_STATISTICS = 5,
    BLOCK_ENHANCED = 6,
    BLOCK_SECRETS = 10,
    BLOCK_SECTION = 0x0A0D0D0A
};

/* Type of a block as it stands in a file; 0 for fewer than 4 octets. */
uint32_t block_type(struct bytes raw, bool big);

/* Appends a section header in this machine-independent order: little endian. Texts may be NULL. */
void block_put_section(struct text *out, const char *application, const char *comment);

/* Appends an interface description: times in nanoseconds, no snapshot length. */
void block_put_interface(struct text *out, uint32_t link_type, const char *name);

/* Appends an enhanced packet block (little endian) with frame->data and its lengths and time. The
 * frame's own comment and `comment` become options; either may be empty (NULL). A frame without a
 * time gets 0. */
void block_put_frame(struct text *out, const struct frame *frame, uint32_t interface,
                     const char *comment);

/* Appends the packet block `raw` with one more comment option, the last one. False, and nothing
 * appended, when the block is of a kind without options (simple packet) or its options are damaged.
 */
bool block_put_commented(struct text *out, struct bytes raw, bool big, const char *comment);

/* Appends the block `raw` (packets, section, interface, names, statistics) without its comments and
 * custom options, without options that are damaged, and what stands behind the last. *inout_num
 * counts what is left out. False, and nothing appended, when there is none of these. */
bool block_put_stripped(struct text *out, struct bytes raw, bool big, int64_t *inout_num);

#endif

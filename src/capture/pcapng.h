/* SPDX-License-Identifier: MIT */
/* The parts of the pcapng reader among themselves (draft-ietf-opsawg-pcapng). */
#ifndef KRBWHY_CAPTURE_PCAPNG_H
#define KRBWHY_CAPTURE_PCAPNG_H

#include "base/reader.h"
#include "capture/container.h"
#include "capture/stream.h"

struct pcapng_interface {
    uint32_t link_type, snaplen; /* snaplen 0: unlimited */
    uint64_t units;              /* of the time stamps, per second */
    int64_t offset_s;            /* seconds to add */
    uint32_t unit_ns; /* whole nanoseconds of a unit when there is nothing to add, else 0 */
};

struct pcapng {
    struct stream stream;
    bool big;                            /* byte order of the section */
    bool big_fields;                     /* of what stands between type, length and length */
    struct pcapng_interface *interfaces; /* of the section */
    size_t num_interfaces, room;
    uint32_t first_interface; /* number within the file of the section's interface 0 */
    uint64_t pending;         /* bytes of the block whose data the last frame borrowed */
    struct arena scratch;     /* names, for the length of a callback */
    bool noted_option, noted_name, noted_time;
};

/* A block in memory. Its body's offsets count from the block's first byte. */
struct pcapng_block {
    uint32_t type;
    uint64_t at;        /* offset in the file */
    struct reader body; /* behind the block's type and length, without the second length */
    bool big;
    bool cut; /* the block is longer than LIMIT_BLOCK_BYTES and its end is not here */
};

/* An option of a block: code, and its value without padding. */
struct pcapng_option {
    uint16_t code;
    struct bytes value;
};

enum pcapng_step { PCAPNG_PASSED, PCAPNG_FRAME, PCAPNG_STOP };

static inline uint16_t pcapng_u16(const struct pcapng_block *block, struct reader *reader)
{
    return block->big ? reader_be16(reader) : reader_le16(reader);
}

static inline uint32_t pcapng_u32(const struct pcapng_block *block, struct reader *reader)
{
    return block->big ? reader_be32(reader) : reader_le32(reader);
}

/* The next option; false at the end of the list, and (with a fault in block->body) at damage. */
bool pcapng_take_option(struct pcapng_block *block, struct pcapng_option *out_option);

/* One handler for each kind of block; PCAPNG_STOP after a problem was reported. */
enum pcapng_step pcapng_section(struct capture *capture, struct pcapng_block *block,
                                struct frame *out_frame);
enum pcapng_step pcapng_interface(struct capture *capture, struct pcapng_block *block,
                                  struct frame *out_frame);
enum pcapng_step pcapng_enhanced(struct capture *capture, struct pcapng_block *block,
                                 struct frame *out_frame);
enum pcapng_step pcapng_obsolete(struct capture *capture, struct pcapng_block *block,
                                 struct frame *out_frame);
enum pcapng_step pcapng_simple(struct capture *capture, struct pcapng_block *block,
                               struct frame *out_frame);
enum pcapng_step pcapng_names(struct capture *capture, struct pcapng_block *block,
                              struct frame *out_frame);
enum pcapng_step pcapng_record(struct capture *capture, struct pcapng_block *block,
                               struct frame *out_frame);

/* The next block, where it is a packet with nothing odd about it, as pcapng_enhanced would deliver
 * it and without a callback for the block. False, with nothing taken, for everything else. Nothing
 * may be pending. */
bool pcapng_take_plain(struct pcapng *pcapng, struct frame *out_frame);

/* All of them that are in memory, up to `room`, as container.take. */
size_t pcapng_take_many(struct pcapng *pcapng, struct frame *out_frames, size_t room);

/* Reports damage inside a block that ends the reading. */
enum pcapng_step pcapng_stop(struct capture *capture, const struct pcapng_block *block,
                             const char *what);

/* Reports damage inside a block that does not end it, once per file for each `noted`. */
void pcapng_note(struct capture *capture, const struct pcapng_block *block, bool *noted,
                 const char *what);

#endif

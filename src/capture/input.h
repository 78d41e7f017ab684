/* SPDX-License-Identifier: MIT */
/* Where the bytes of a capture come from: a descriptor, or an unpacker on top of another input.
 * Read once, in order; never needs to seek. */
#ifndef KRBWHY_CAPTURE_INPUT_H
#define KRBWHY_CAPTURE_INPUT_H

#include "base/bytes.h"
#include "base/fault.h"

struct input;

/* Behaviour of one kind of input. */
struct input_class {
    /* Up to room (> 0) bytes into out; 0 at the end, or after input_fail. */
    size_t (*read)(struct input *input, uint8_t *out, size_t room);
    /* Frees the kind's own state; the input below is closed by input_close. May be NULL. */
    void (*close)(struct input *input);
};

struct input {
    const struct input_class *class;
    struct input *below; /* what an unpacker reads from, owned; NULL for a descriptor */
    void *state;         /* of the kind */
    int fd;              /* -1 for an unpacker */
    uint8_t *ahead;      /* bytes looked at and not yet taken, owned */
    size_t ahead_at, ahead_end;
    uint64_t num_read; /* bytes that `read` has delivered so far */
    enum fault fault;  /* why it ended early; FAULT_NONE: at its true end, or not at its end */
    const char *what;  /* static text to the fault */
    int error;         /* errno where the system refused to read, else 0 */
    uint64_t fault_at; /* offset in the compressed file where that is known, else 0 */
};

/* An input over a descriptor, which is taken over. `first`: bytes read from it before (copied). */
struct input *input_open(int fd, struct bytes first);

/* An unpacker of the given kind over `below`, which is taken over. */
struct input *input_stack(const struct input_class *class, void *state, struct input *below);

/* Up to room bytes into out, at least one unless the input is at its end or failed. */
size_t input_read(struct input *input, uint8_t *out, size_t room);

/* The next bytes without taking them: `want` of them, or fewer when the input ends before.
 * Borrowed until the next call. */
struct bytes input_peek(struct input *input, size_t want);

/* For an unpacker: notes why it cannot go on. `what` is static text. Returns 0 (for `read`). */
size_t input_fail(struct input *input, enum fault fault, const char *what);

/* For an unpacker: false, after input_fail, when more than LIMIT_RATIO bytes come out of one. */
bool input_ratio_ok(struct input *input);

void input_close(struct input *input); /* NULL is fine */

#endif

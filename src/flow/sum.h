/* SPDX-License-Identifier: MIT */
/* A quick sum of bytes, to tell two copies apart. Not for hostile input: whoever forges an equal
 * sum only hides that his own retransmission differs. */
#ifndef KRBWHY_FLOW_SUM_H
#define KRBWHY_FLOW_SUM_H

#include "base/bytes.h"

static inline uint64_t sum_mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
    return sum ^ sum >> 29;
}

/* Four sums side by side, so that the multiplications overlap. */
static inline uint32_t sum_of(struct bytes bytes)
{
    uint64_t a = bytes.len, b = 1, c = 2, d = 3, word[4];
    size_t at = 0;

    for (; bytes.len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(word, bytes.at + at, sizeof(word));
        a = sum_mix(a, word[0]);
        b = sum_mix(b, word[1]);
        c = sum_mix(c, word[2]);
        d = sum_mix(d, word[3]);
    }
    memset(word, 0, sizeof(word));
    if (at < bytes.len)
        memcpy(word, bytes.at + at, bytes.len - at);
    a = sum_mix(sum_mix(a, word[0]), sum_mix(b, word[1]));
    c = sum_mix(sum_mix(c, word[2]), sum_mix(d, word[3]));
    return (uint32_t)(sum_mix(a, c) >> 32);
}

#endif

/* SPDX-License-Identifier: MIT */
/* MPLS label stacks (RFC 3032) and what lies under them. Nothing in the stack names it: RFC 4928
 * keeps the first four bits 4 and 6 for IP, 0 and 1 are pseudowire control words (RFC 4385). */
#include "packet/walk.h"

/* Whether an Ethernet header with a well known type begins there. */
static bool is_ethernet(const uint8_t *at)
{
    static const uint16_t types[] = {0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8,
                                     0x8847, 0x8848, 0x8863, 0x8864};
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (be16(at + 12) == types[i])
            return true;
    return false;
}

static bool is_ip(const struct walk *walk, const uint8_t *at)
{
    size_t have = reader_left(&walk->in) + walk->missing;

    if (at[0] >> 4 == 4)
        return (at[0] & 0x0F) >= 5 && be16(at + 2) <= have;
    return at[0] >> 4 == 6 && (size_t)be16(at + 4) + 40 <= have;
}

static void under_the_stack(struct walk *walk)
{
    const uint8_t *at = walk_view(walk, 18);

    if (at == NULL)
        return;
    walk->guessed = true;
    if (is_ip(walk, at)) {
        walk->next = decode_ip;
        return;
    }
    if (at[0] >> 4 == 0 && is_ethernet(at + 4))
        walk_skip(walk, 4);
    else if (!is_ethernet(at))
        return;
    if (walk_inner(walk))
        walk->next = decode_ethernet;
}

/* Label, traffic class, bottom of stack, time to live. */
void decode_mpls(struct walk *walk)
{
    const uint8_t *label = walk_take(walk, 4);

    if (label != NULL)
        walk->next = (label[2] & 1) != 0 ? under_the_stack : decode_mpls;
}

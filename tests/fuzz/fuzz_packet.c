/* SPDX-License-Identifier: MIT */
/* Some frames of one link type. First octet: the link type, by its place below. Then per frame: two
 * octets of length, one that says how much of it was not captured, the frame. */
#include <assert.h>
#include <stdlib.h>

#include "packet/packet.h"
#include "packet/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint32_t link_types[] = {1,
                                      113,
                                      276,
                                      101,
                                      12,
                                      14,
                                      228,
                                      229,
                                      0,
                                      108,
                                      105,
                                      127,
                                      119,
                                      163,
                                      192,
                                      252,
                                      9,
                                      50,
                                      51,
                                      166,
                                      204,
                                      104,
                                      219,
                                      239,
                                      117,
                                      109,
                                      226,
                                      258,
                                      107,
                                      6,
                                      10,
                                      100,
                                      274,
                                      LINK_NETMON_WIFI,
                                      LINK_NETMON_EVENT,
                                      LINK_NETMON_OTHER,
                                      195};

enum { NUM_LINK_TYPES = sizeof(link_types) / sizeof(link_types[0]) };

static unsigned sink;

static void problem(void *user, const char *code, int64_t frame, int64_t offset,
                    const char *message)
{
    const int64_t *frames = user;

    assert(code[0] != '\0' && message[0] != '\0');
    assert(frame >= 0 && frame <= *frames && offset >= -1);
}

static void check(const struct frame *frame, const struct packet *packet)
{
    size_t cut = frame->wire_len - frame->data.len, i;

    assert(packet->frame == frame->number && packet->time_ns == frame->time_ns);
    assert(packet->missing <= (cut > 65535 ? cut : 65535));
    assert(packet->pdu != NULL || packet->transport == 6 || packet->transport == 17);
    for (i = 0; i < packet->payload.len; i++)
        sink += packet->payload.at[i]; /* the sanitizer sees a byte that is not ours */
    if (packet->payload.len > 0 && packet->payload.at >= frame->data.at &&
        packet->payload.at < frame->data.at + frame->data.len)
        assert(packet->payload.len <=
               (size_t)(frame->data.at + frame->data.len - packet->payload.at));
    else
        assert(packet->payload.len <= 65535); /* in a reassembled datagram */
    if (packet->pdu != NULL)
        for (i = 0; packet->pdu[i] != '\0'; i++)
            assert(packet->pdu[i] > ' ' && packet->pdu[i] < 0x7F);
}

static void check_same(const struct packet *a, const struct packet *b)
{
    assert(a->transport == b->transport && a->sport == b->sport && a->dport == b->dport);
    assert(a->transport != 6 || (a->seq == b->seq && a->ack == b->ack && a->flags == b->flags));
    assert(address_equal(&a->src, &b->src) && address_equal(&a->dst, &b->dst));
    assert(bytes_equal(a->payload, b->payload) && a->missing == b->missing);
    assert((a->pdu == NULL) == (b->pdu == NULL));
    assert(a->has_mac == b->has_mac && memcmp(a->src_mac, b->src_mac, 6) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    int64_t frames = 0;
    struct packet_events events = {&frames, problem};
    struct packet_decoder *one = packet_decoder_open(&events);
    struct packet_decoder *two = packet_decoder_open(&events);
    size_t at = 1;

    while (at + 3 <= len) {
        size_t want = (size_t)(data[at] << 8 | data[at + 1]), cut = data[at + 2];
        uint8_t *copy;
        struct frame frame = {.number = frames + 1, .time_ns = 1000 * frames, .pid = -1};
        struct packet first, second;
        bool found;

        frames++;
        at += 3;
        want = want > len - at ? len - at : want;
        copy = malloc(want == 0 ? 1 : want);
        memcpy(copy, data + at, want);
        at += want;
        frame.link_type = link_types[data[0] % NUM_LINK_TYPES];
        frame.data = (struct bytes){copy, want};
        frame.wire_len = want + cut * cut;
        found = packet_decode(one, &frame, &first);
        assert(packet_walk(two, &frame, &second) == found); /* with and without the short way */
        if (found) {
            check(&frame, &first);
            check_same(&first, &second);
        }
        free(copy);
    }
    packet_decoder_finish(one);
    packet_decoder_close(one);
    packet_decoder_finish(two);
    packet_decoder_close(two);
    return 0;
}

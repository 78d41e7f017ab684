/* SPDX-License-Identifier: MIT */
/* Prints what the packet layer makes of a capture: frame, transport, source, port, destination,
 * port, payload octets, those of them that are missing, and the protocol of an exported unit or
 * "-"; problems go to stderr. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "capture/capture.h"
#include "packet/packet.h"

static void print_problem(void *user, const char *code, int64_t frame, int64_t offset,
                          const char *message)
{
    (void)user;
    fprintf(stderr, "# %s frame %" PRId64 " offset %" PRId64 ": %s\n", code, frame, offset,
            message);
}

static void print_packet(const struct packet *packet)
{
    char src[ADDRESS_TEXT_ROOM], dst[ADDRESS_TEXT_ROOM];

    printf("%" PRId64 "\t%u\t%s\t%u\t%s\t%u\t%zu\t%zu\t%s\n", packet->frame, packet->transport,
           address_text(&packet->src, src), packet->sport, address_text(&packet->dst, dst),
           packet->dport, packet->payload.len + packet->missing, packet->missing,
           packet->pdu == NULL ? "-" : packet->pdu);
}

int main(int argc, char **argv)
{
    struct capture_events events = {.problem = print_problem};
    struct packet_events packet_events = {.problem = print_problem};
    struct arena arena = {0};
    struct capture *capture;
    struct packet_decoder *decoder;
    struct frame frame;
    struct packet packet;
    const char *message;
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

    if (fd < 0) {
        fprintf(stderr, "usage: packets CAPTURE\n");
        return 2;
    }
    if (capture_open(fd, (struct bytes){NULL, 0}, &events, &arena, &capture, &message) !=
        CAPTURE_OK) {
        fprintf(stderr, "%s\n", message);
        arena_clear(&arena);
        return 2;
    }
    decoder = packet_decoder_open(&packet_events);
    while (capture_next(capture, &frame) == CAPTURE_OK)
        if (packet_decode(decoder, &frame, &packet))
            print_packet(&packet);
    packet_decoder_finish(decoder);
    packet_decoder_close(decoder);
    capture_close(capture);
    arena_clear(&arena);
    return 0;
}

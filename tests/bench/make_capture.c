/* SPDX-License-Identifier: MIT */
/* Writes a large capture for measuring: generated traffic of one kind with known incidents spread
 * through it.
 *
 * Usage: make_capture KIND MEGABYTES INCIDENT.pcap OUT.pcap
 *   web    HTTP with bodies of all sizes, TLS and QUIC beside it, DNS in front: full-size segments
 *   small  half a million short flows of small packets that nobody claims
 *   dns    queries and answers with CNAME chains
 *   krb    the incident itself, over and over, by other clients
 * The frames of INCIDENT (classic pcap, Ethernet, IPv4) stand in every capture at least 10 times,
 * each time with another client address. Prints "frames incidents". Everything comes from one fixed
 * random sequence. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

enum { MAX_INCIDENT_FRAMES = 400, MSS = 1460, SNAP = 65535 };

struct frame {
    uint32_t len;
    uint8_t data[2048];
};

static struct frame incident[MAX_INCIDENT_FRAMES];
static size_t incident_frames;
static FILE *out;
static uint64_t written, frames, incidents, now_us = 1318569000000000, seed = 88172645463325252u;

static uint32_t roll(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % below);
}

static void put_record(const uint8_t *data, uint32_t len)
{
    uint32_t header[4] = {(uint32_t)(now_us / 1000000), (uint32_t)(now_us % 1000000), len, len};

    fwrite(header, sizeof(header), 1, out);
    fwrite(data, len, 1, out);
    written += sizeof(header) + len;
    frames++;
    now_us += 3 + roll(20);
}

static void be16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void be32(uint8_t *at, uint32_t value)
{
    be16(at, value >> 16);
    be16(at + 2, value & 0xFFFF);
}

/* Ethernet and IPv4 in front of l4_len bytes that stand at frame + 34. Checksums stay 0, as offload
 * leaves them. */
static void finish_ip(uint8_t *frame, uint32_t src, uint32_t dst, uint8_t protocol, uint32_t l4_len)
{
    static const uint8_t ethernet[14] = {0, 0x15, 0x5d, 1, 1, 1, 0, 0x15, 0x5d, 1, 1, 2, 8, 0};

    memcpy(frame, ethernet, sizeof(ethernet));
    memset(frame + 14, 0, 20);
    frame[14] = 0x45;
    be16(frame + 16, l4_len + 20);
    frame[22] = 64;
    frame[23] = protocol;
    be32(frame + 26, src);
    be32(frame + 30, dst);
    put_record(frame, l4_len + 34);
}

struct flow {
    uint32_t address[2], seq[2];
    uint16_t port[2];
};

static void tcp(struct flow *flow, int side, uint8_t flags, const void *payload, uint32_t len)
{
    uint8_t frame[2048];

    memset(frame + 34, 0, 20);
    be16(frame + 34, flow->port[side]);
    be16(frame + 36, flow->port[!side]);
    be32(frame + 38, flow->seq[side]);
    be32(frame + 42, flow->seq[!side]);
    frame[46] = 5 << 4;
    frame[47] = flags;
    be16(frame + 48, 8192);
    if (len > 0)
        memcpy(frame + 54, payload, len);
    flow->seq[side] += len + ((flags & 3) != 0);
    finish_ip(frame, flow->address[side], flow->address[!side], 6, len + 20);
}

static struct flow open_flow(uint16_t server_port)
{
    struct flow flow = {{0x0a010000u | roll(60000), 0xc0a80000u | roll(4000)},
                        {roll(1u << 30), roll(1u << 30)},
                        {(uint16_t)(1024 + roll(60000)), server_port}};

    tcp(&flow, 0, 2, NULL, 0);
    tcp(&flow, 1, 18, NULL, 0);
    tcp(&flow, 0, 16, NULL, 0);
    return flow;
}

static void close_flow(struct flow *flow)
{
    tcp(flow, 0, 17, NULL, 0);
    tcp(flow, 1, 17, NULL, 0);
    tcp(flow, 0, 16, NULL, 0);
}

/* len bytes of a body in full segments, acknowledged every other one. */
static void body(struct flow *flow, int side, uint32_t len)
{
    static uint8_t noise[1 << 16];
    uint32_t part, i;

    if (noise[0] == 0 && noise[1] == 0)
        for (i = 0; i < sizeof(noise); i++)
            noise[i] = (uint8_t)roll(256);
    for (i = 0; len > 0; len -= part, i++) {
        part = len < MSS ? len : MSS;
        tcp(flow, side, part == len ? 24 : 16, noise + roll(sizeof(noise) - MSS), part);
        if (i % 2 == 1)
            tcp(flow, !side, 16, NULL, 0);
    }
}

static void http_flow(void)
{
    struct flow flow = open_flow(80);
    uint32_t requests = 1 + roll(12);

    while (requests-- > 0) {
        char head[512];
        uint32_t len = roll(8) == 0 ? 200000 + roll(600000) : 500 + roll(40000);
        int n = snprintf(
            head, sizeof(head),
            "GET /assets/%u.js HTTP/1.1\r\nHost: www%u.example.org\r\nUser-Agent: Mozilla/5.0 "
            "(X11; Linux x86_64)\r\nAccept: */*\r\nCookie: session=%08x\r\n\r\n",
            roll(100000), roll(50), roll(1u << 30));

        tcp(&flow, 0, 24, head, (uint32_t)n);
        n = snprintf(head, sizeof(head),
                     "HTTP/1.1 200 OK\r\nDate: Fri, 14 Oct 2011 05:10:14 GMT\r\nServer: "
                     "nginx\r\nContent-Type: application/javascript\r\nContent-Length: %u\r\n\r\n",
                     len);
        tcp(&flow, 1, 24, head, (uint32_t)n);
        body(&flow, 1, len);
    }
    close_flow(&flow);
}

/* A handshake record of a hello: version, random, no session, one cipher, server name. */
static void hello(struct flow *flow, int side)
{
    uint8_t m[128] = {0x16, 3, 1};
    uint32_t len = 43, start, i;

    m[5] = side == 0 ? 1 : 2;
    m[9] = m[10] = 3;
    for (i = 11; i < 43; i++)
        m[i] = (uint8_t)roll(256);
    m[len++] = 0;
    if (side == 0)
        m[len++] = 0, m[len++] = 2;
    m[len++] = 0x13, m[len++] = 1;
    if (side == 0)
        m[len++] = 1;
    m[len++] = 0;
    start = len;
    len += 2;
    if (side == 0) {
        char name[24];
        unsigned n = (unsigned)snprintf(name, sizeof(name), "www%u.example.org", roll(5000));

        be16(m + len + 2, n + 5);
        be16(m + len + 4, n + 3);
        be16(m + len + 7, n);
        memcpy(m + len + 9, name, n);
        len += 9 + n;
    }
    be16(m + start, len - start - 2);
    be16(m + 7, len - 9);
    be16(m + 3, len - 5);
    tcp(flow, side, 24, m, len);
}

/* Application data in records of up to 16 KiB. */
static void records(struct flow *flow, int side, uint32_t len)
{
    while (len > 0) {
        uint32_t part = len < 16384 ? len : 16384;
        uint8_t record[5] = {0x17, 3, 3};

        be16(record + 3, part);
        tcp(flow, side, 16, record, sizeof(record));
        body(flow, side, part);
        len -= part;
    }
}

/* Most from the handshake on; of some the capture has only the middle. */
static void tls_flow(void)
{
    bool whole = roll(10) < 7;
    struct flow flow = {{0x0a010000u | roll(60000), 0xc0a80000u | roll(4000)},
                        {roll(1u << 30), roll(1u << 30)},
                        {(uint16_t)(1024 + roll(60000)), 443}};
    uint32_t exchanges = 1 + roll(20);

    if (whole) {
        flow = open_flow(443);
        hello(&flow, 0);
        hello(&flow, 1);
    } else {
        body(&flow, 1, 1 + roll(16000)); /* the rest of a record */
    }
    while (exchanges-- > 0) {
        records(&flow, 0, 200 + roll(1000));
        records(&flow, 1, 1000 + roll(60000));
    }
    if (whole)
        close_flow(&flow);
}

static void udp(uint32_t src, uint32_t dst, unsigned sport, unsigned dport, const uint8_t *payload,
                uint32_t len)
{
    uint8_t frame[2048];

    be16(frame + 34, sport);
    be16(frame + 36, dport);
    be16(frame + 38, len + 8);
    be16(frame + 40, 0);
    memcpy(frame + 42, payload, len);
    finish_ip(frame, src, dst, 17, len + 8);
}

static void quic_burst(void)
{
    uint8_t noise[1250];
    uint32_t src = 0x0a010000u | roll(60000), packets = 20 + roll(200), i;

    for (i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)roll(256);
    noise[0] = 0x40;
    while (packets-- > 0)
        udp(0xc0a80101u, src, 443, 50000, noise, sizeof(noise));
}

static void dns_pair(void)
{
    uint8_t m[256] = {0};
    uint32_t client = 0x0a010000u | roll(60000), len = 12, question;
    unsigned port = 1024 + roll(60000);
    char label[16];
    int n = snprintf(label, sizeof(label), "h%u", roll(5000000));

    be16(m, roll(65536));
    m[2] = 1;
    m[5] = 1;
    m[len++] = (uint8_t)n;
    memcpy(m + len, label, (size_t)n);
    len += (uint32_t)n;
    memcpy(m + len, "\7example\3org\0\0\1\0\1", 17);
    len += 17;
    question = len;
    udp(client, 0x0a000035u, port, 53, m, len);
    m[2] = 0x81;
    m[3] = 0x80;
    m[7] = 2;
    memcpy(m + len, "\xc0\x0c\0\5\0\1\0\0\1\x2c\0\6\3web\xc0", 17);
    m[len + 17] = (uint8_t)(12 + n + 1);
    memcpy(m + len + 18, "\xc0", 1);
    m[len + 19] = (uint8_t)(question + 12);
    memcpy(m + len + 20, "\0\1\0\1\0\0\1\x2c\0\4", 10);
    be32(m + len + 30, 0xc0a80000u | roll(4000));
    udp(0x0a000035u, client, 53, port, m, len + 34);
}

static void small_flow(void)
{
    struct flow flow = open_flow((uint16_t)(5000 + roll(3000)));
    uint8_t noise[64];
    uint32_t packets = 2 + roll(6), i;

    for (i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)(0x80 | roll(128));
    for (i = 0; i < packets; i++)
        tcp(&flow, (int)(i % 2), 24, noise, 8 + roll(50));
    tcp(&flow, 0, 17, NULL, 0);
    tcp(&flow, 1, 17, NULL, 0);
}

/* The incident once more: its client 10.0.5.3 becomes another address. */
static void put_incident(void)
{
    uint32_t client = 0x0a050000u | (uint32_t)(256 + incidents % 60000);
    size_t i;

    for (i = 0; i < incident_frames; i++) {
        struct frame copy = incident[i];
        uint8_t *side;

        for (side = copy.data + 26; side <= copy.data + 30; side += 4)
            if (memcmp(side, "\x0a\0\5\3", 4) == 0)
                be32(side, client);
        put_record(copy.data, copy.len);
    }
    incidents++;
}

static bool read_incident(const char *path)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, error);
    struct pcap_pkthdr *header;
    const u_char *data;

    if (pcap == NULL) {
        fprintf(stderr, "make_capture: %s\n", error);
        return false;
    }
    while (incident_frames < MAX_INCIDENT_FRAMES && pcap_next_ex(pcap, &header, &data) == 1 &&
           header->caplen <= sizeof(incident[0].data)) {
        incident[incident_frames].len = header->caplen;
        memcpy(incident[incident_frames++].data, data, header->caplen);
    }
    pcap_close(pcap);
    return incident_frames > 0;
}

static void one_of(const char *kind)
{
    uint32_t dice = roll(100);

    if (kind[0] == 'k')
        put_incident();
    else if (kind[0] == 'd')
        dns_pair();
    else if (kind[0] == 's')
        small_flow();
    else if (dice < 30)
        http_flow();
    else if (dice < 60)
        tls_flow();
    else if (dice < 70)
        quic_burst();
    else
        dns_pair();
}

int main(int argc, char **argv)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, SNAP, 1};
    uint64_t size, next;

    if (argc != 5 || !read_incident(argv[3]) || (out = fopen(argv[4], "wb")) == NULL) {
        fprintf(stderr, "usage: make_capture web|small|dns|krb MEGABYTES INCIDENT.pcap OUT.pcap\n");
        return 2;
    }
    setvbuf(out, NULL, _IOFBF, 1 << 20);
    size = strtoull(argv[2], NULL, 10) << 20;
    fwrite(header, sizeof(header), 1, out);
    for (next = size / 20; written < size;) {
        one_of(argv[1]);
        if (written >= next && argv[1][0] != 'k') {
            put_incident();
            next += size / 11;
        }
    }
    if (fclose(out) != 0) {
        perror("make_capture");
        return 2;
    }
    printf("%llu %llu\n", (unsigned long long)frames, (unsigned long long)incidents);
    return 0;
}

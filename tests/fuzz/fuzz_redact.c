/* SPDX-License-Identifier: MIT */
/* Conversations with secrets that are known, sent in pieces as the input says: whatever way they
 * were cut, ordered, repeated, overlapped, fragmented and captured in part, no eight octets of a
 * secret are left in the redacted capture.
 *
 * Input: first octet: bits 0-1 what is said, bit 2 IPv6, bit 3 a start that was not captured in
 * SYN, bit 4 all as UDP in fragments; second: the numbers that secrets are made of. Then commands
 * of two octets, each a piece of the stream: its length, and what happens to it (bits 0-1 sent
 * twice, swapped with the one before, sent again with what came before; bit 2 cut by the snap
 * length; bit 3 lost). */
#include "base/base64.h"
#include "base/memory.h"
#include "capture/capture.h"
#include "fuzz.h"
#include "rewrite/rewrite.h"

enum { WINDOW = 8, MOST_SECRETS = 16, MOST_PIECES = 400, ISN = 0xFFFFFF80u };

struct secret {
    struct text shown; /* as it stands in the stream */
    size_t anchor, at; /* what says that it is one begins here; it begins here */
};

struct talk {
    struct text stream;
    struct secret secrets[MOST_SECRETS];
    size_t num;
    uint32_t state;
};

/* ---- what is said ---- */

static struct text random_octets(struct talk *talk, size_t len)
{
    struct text out = {0};

    while (len-- > 0)
        text_put_char(&out, (char)(fuzz_next(&talk->state) >> 8));
    return out;
}

static void put_secret(struct talk *talk, size_t anchor, struct text shown)
{
    struct secret *secret = &talk->secrets[talk->num++];

    assert(talk->num <= MOST_SECRETS);
    secret->anchor = anchor;
    secret->at = talk->stream.len;
    secret->shown = shown;
    text_put_bytes(&talk->stream, (struct bytes){(const uint8_t *)shown.at, shown.len});
}

/* Letters and digits, as in cookies and passwords. */
static struct text random_word(struct talk *talk, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct text out = {0};

    while (len-- > 0)
        text_put_char(&out, letters[(fuzz_next(&talk->state) >> 8) % 62]);
    return out;
}

static void put_header(struct text *out, uint8_t tag, size_t len)
{
    text_put_char(out, (char)tag);
    if (len >= 256) {
        text_put_char(out, (char)0x82);
        text_put_char(out, (char)(len >> 8));
    } else if (len >= 128) {
        text_put_char(out, (char)0x81);
    }
    text_put_char(out, (char)len);
}

static size_t header_len(size_t len)
{
    return len >= 256 ? 4 : len >= 128 ? 3 : 2;
}

/* EncryptedData, RFC 4120 section 5.2.9, up to its ciphertext. */
static void put_encrypted_head(struct text *out, size_t len)
{
    static const uint8_t etype[] = {0xA0, 3, 2, 1, 18}, kvno[] = {0xA1, 3, 2, 1, 3};
    size_t octets = header_len(len) + len;

    put_header(out, 0x30, sizeof(etype) + sizeof(kvno) + header_len(octets) + octets);
    text_put_bytes(out, (struct bytes){etype, sizeof(etype)});
    text_put_bytes(out, (struct bytes){kvno, sizeof(kvno)});
    put_header(out, 0xA2, octets);
    put_header(out, 0x04, len);
}

static void say_encrypted(struct talk *talk)
{
    struct text cipher = random_octets(talk, 16 + fuzz_next(&talk->state) % 600);
    size_t anchor = talk->stream.len;

    put_encrypted_head(&talk->stream, cipher.len);
    put_secret(talk, anchor, cipher);
    text_put(&talk->stream, "~~~~");
}

/* A token in base64: from the group behind the one in which the ciphertext begins, all is secret.
 */
static void say_negotiate(struct talk *talk, const char *header)
{
    struct text cipher = random_octets(talk, 40 + fuzz_next(&talk->state) % 400), raw = {0};
    struct text coded = {0}, shown = {0};
    size_t anchor = talk->stream.len, head;

    put_encrypted_head(&raw, cipher.len);
    head = (raw.len + 2) / 3 * 4;
    text_put_bytes(&raw, (struct bytes){(const uint8_t *)cipher.at, cipher.len});
    base64_encode(&coded, (struct bytes){(const uint8_t *)raw.at, raw.len});
    text_put(&talk->stream, header);
    text_put_bytes(&talk->stream, (struct bytes){(const uint8_t *)coded.at, head});
    while (coded.len > 0 && coded.at[coded.len - 1] == '=')
        coded.len--;
    text_put_bytes(&shown,
                   (struct bytes){(const uint8_t *)coded.at + head, (coded.len - head) / 4 * 4});
    put_secret(talk, anchor, shown);
    text_put(&talk->stream, "\r\n");
    text_clear(&cipher);
    text_clear(&raw);
    text_clear(&coded);
}

static void say_word(struct talk *talk, const char *header, const char *after)
{
    size_t anchor = talk->stream.len;

    text_put(&talk->stream, header);
    put_secret(talk, anchor, random_word(talk, 10 + fuzz_next(&talk->state) % 40));
    text_put(&talk->stream, after);
}

static void say_http(struct talk *talk)
{
    text_put(&talk->stream, "GET / HTTP/1.1\r\nHost: contoso.test.com\r\n");
    say_word(talk, "Cookie: session=", "; ");
    say_word(talk, "other=", "\r\n");
    talk->secrets[1].anchor = talk->secrets[0].anchor;
    say_word(talk, "authorization: Basic ", "\r\n");
    say_negotiate(talk, "Proxy-Authorization: Negotiate ");
    text_put(&talk->stream, "\r\nGET /a HTTP/1.1\r\nHost: contoso.test.com\r\n");
    say_negotiate(talk, "Authorization: Kerberos ");
    say_word(talk, "X-Other: a\r\nAUTHORIZATION: Bearer ", "\r\n\r\n");
}

static void say_reply(struct talk *talk)
{
    text_put(&talk->stream, "HTTP/1.1 200 OK\r\nServer: a\r\n");
    say_word(talk, "Set-Cookie: id=", "; Path=/; HttpOnly\r\n");
    say_negotiate(talk, "WWW-Authenticate: Negotiate ");
    text_put(&talk->stream, "Content-Length: 0\r\n\r\n");
    say_word(talk, "HTTP/1.1 200 OK\r\nset-cookie: x=", "\r\nContent-Length: 0\r\n\r\n");
}

static void put_le(struct text *out, size_t value, size_t len)
{
    while (len-- > 0) {
        text_put_char(out, (char)value);
        value >>= 8;
    }
}

/* AUTHENTICATE_MESSAGE, [MS-NLMP] 2.2.1.3, with NTLMv1 responses. */
static void say_ntlm(struct talk *talk)
{
    static const uint8_t head[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 3, 0, 0, 0};
    size_t anchor = talk->stream.len, field;
    static const struct {
        size_t len, at;
    } fields[] = {{24, 64}, {24, 88}, {0, 64}, {0, 64}, {0, 64}, {16, 112}};

    text_put_bytes(&talk->stream, (struct bytes){head, sizeof(head)});
    for (field = 0; field < 6; field++) {
        put_le(&talk->stream, fields[field].len, 2);
        put_le(&talk->stream, fields[field].len, 2);
        put_le(&talk->stream, fields[field].at, 4);
    }
    put_le(&talk->stream, 0, 4);
    put_secret(talk, anchor, random_octets(talk, 64));
    text_put(&talk->stream, "....");
}

static void say(struct talk *talk, uint8_t what)
{
    switch (what) {
    case 0:
        say_http(talk);
        break;
    case 1:
        say_reply(talk);
        break;
    case 2:
        text_put(&talk->stream, "some octets before: ");
        say_encrypted(talk);
        say_encrypted(talk);
        break;
    default:
        text_put(&talk->stream, "some octets before: ");
        say_ntlm(talk);
        say_encrypted(talk);
        break;
    }
}

/* ---- how it is sent ---- */

struct sending {
    struct text file;
    bool v6;
    uint16_t id;
    uint32_t time;
};

static void put_be(struct text *out, uint32_t value, size_t len)
{
    while (len-- > 0)
        text_put_char(out, (char)(value >> 8 * len));
}

/* One record: an IP packet on LINKTYPE_RAW, of which `cut` octets were not captured. */
static void put_record(struct sending *to, uint8_t transport, struct bytes payload,
                       uint32_t fragment, size_t cut)
{
    struct text ip = {0};
    size_t i;

    if (to->v6) {
        put_be(&ip, 0x60000000, 4);
        put_be(&ip, (uint32_t)payload.len, 2);
        text_put_char(&ip, (char)transport);
        text_put_char(&ip, 64);
        for (i = 0; i < 32; i++)
            text_put_char(&ip, (char)(i % 16 == 0 ? 0xFD : i == 31 ? 2 : i == 15));
    } else {
        put_be(&ip, 0x45000000u | (uint32_t)(20 + payload.len), 4);
        put_be(&ip, (uint32_t)to->id << 16 | fragment, 4);
        put_be(&ip, 0x40000000u | (uint32_t)transport << 16, 4);
        put_be(&ip, 0x0A000001, 4);
        put_be(&ip, 0x0A000002, 4);
    }
    text_put_bytes(&ip, payload);
    cut = size_min(cut, payload.len);
    put_le(&to->file, to->time++, 4);
    put_le(&to->file, 0, 4);
    put_le(&to->file, ip.len - cut, 4);
    put_le(&to->file, ip.len, 4);
    text_put_bytes(&to->file, (struct bytes){(const uint8_t *)ip.at, ip.len - cut});
    text_clear(&ip);
}

static void put_tcp(struct sending *to, uint32_t seq, uint8_t flags, struct bytes payload,
                    size_t cut)
{
    struct text tcp = {0};

    put_be(&tcp, 50000u << 16 | 80, 4);
    put_be(&tcp, seq, 4);
    put_be(&tcp, 0, 4);
    put_be(&tcp, 0x50000000u | (uint32_t)flags << 16 | 0xFFFF, 4);
    put_be(&tcp, 0x12340000, 4);
    text_put_bytes(&tcp, payload);
    put_record(to, 6, (struct bytes){(const uint8_t *)tcp.at, tcp.len}, 0, cut);
    text_clear(&tcp);
}

struct piece {
    size_t from, len, cut;
    bool twice;
};

/* What says that a secret is one has to be there, and the secret's first octets. */
static bool may_lose(const struct talk *talk, size_t from, size_t to)
{
    size_t i;

    for (i = 0; i < talk->num; i++)
        if (from < talk->secrets[i].at + 4 && to > talk->secrets[i].anchor)
            return false;
    return true;
}

static size_t make_pieces(const struct talk *talk, struct bytes commands, struct piece *out)
{
    size_t at = 0, num = 0, i;

    for (i = 0; at < talk->stream.len && num < MOST_PIECES; i += 2) {
        uint8_t how = i + 1 < commands.len ? commands.at[i + 1] : 0;
        size_t want = i + 1 < commands.len && commands.at[i] > 0 ? commands.at[i] : 1400;
        struct piece piece = {.from = at, .len = size_min(want, talk->stream.len - at)};

        at += piece.len;
        if ((how & 3) == 1)
            piece.twice = true;
        if ((how & 4) != 0 && may_lose(talk, piece.from, at))
            piece.cut = piece.len / 2;
        if ((how & 8) != 0 && may_lose(talk, piece.from, at))
            continue;
        if ((how & 3) == 3) {
            size_t more = size_min(piece.from, how >> 4);

            piece.from -= more;
            piece.len += more;
            piece.cut = 0;
        }
        out[num++] = piece;
        if ((how & 3) == 2 && num > 1) {
            out[num - 1] = out[num - 2];
            out[num - 2] = piece;
        }
    }
    return num;
}

static void send_tcp(struct sending *to, const struct talk *talk, const struct piece *pieces,
                     size_t num, bool syn)
{
    size_t i, again;

    if (syn)
        put_tcp(to, ISN - 1, 2, (struct bytes){NULL, 0}, 0);
    for (i = 0; i < num; i++)
        for (again = 0; again <= pieces[i].twice; again++)
            put_tcp(
                to, ISN + (uint32_t)pieces[i].from, 0x18,
                (struct bytes){(const uint8_t *)talk->stream.at + pieces[i].from, pieces[i].len},
                pieces[i].cut);
}

/* The whole in one datagram, in fragments of eight octets and more, in any order. */
static void send_udp(struct sending *to, const struct talk *talk, struct bytes commands)
{
    struct text udp = {0};
    size_t at, i = 0;

    to->v6 = false;
    put_be(&udp, 50000u << 16 | 88, 4);
    put_be(&udp, (uint32_t)(8 + talk->stream.len) << 16 | 0x1234, 4);
    text_put_bytes(&udp, (struct bytes){(const uint8_t *)talk->stream.at, talk->stream.len});
    for (at = 0; at < udp.len; i++) {
        size_t want = i < commands.len ? 8 + (size_t)commands.at[i] / 8 * 8 : 1400;
        size_t len = size_min(want, udp.len - at);
        uint32_t fragment = (uint32_t)(at / 8) | (at + len < udp.len ? 0x2000 : 0);

        put_record(to, 17, (struct bytes){(const uint8_t *)udp.at + at, len}, fragment, 0);
        at += len;
    }
    text_clear(&udp);
}

/* ---- what is left ---- */

static void redact(struct bytes file, struct text *out)
{
    static const struct plan plan;
    struct rewrite how = {.plan = &plan, .redact = true};
    struct text error = {0};
    int in = fuzz_file(file);

    how.out = memfd_create("out", MFD_CLOEXEC);
    assert(rewrite_run(&how, &in, 1, &error));
    fuzz_content(how.out, out);
    close(in);
    close(how.out);
    text_clear(&error);
}

static size_t count_frames(struct bytes file)
{
    struct arena arena = {0};
    struct capture *capture;
    const char *message;
    struct frame frame;
    size_t num = 0;

    assert(capture_open(fuzz_file(file), (struct bytes){NULL, 0}, NULL, &arena, &capture,
                        &message) == CAPTURE_OK);
    while (capture_next(capture, &frame) == CAPTURE_OK)
        num++;
    capture_close(capture);
    arena_clear(&arena);
    return num;
}

static void check(struct talk *talk, const struct sending *sent)
{
    struct bytes file = {(const uint8_t *)sent->file.at, sent->file.len};
    struct text out = {0};
    size_t i, k;

    redact(file, &out);
    assert(count_frames(file) == count_frames((struct bytes){(const uint8_t *)out.at, out.len}));
    for (i = 0; i < talk->num; i++)
        for (k = 0; k + WINDOW <= talk->secrets[i].shown.len; k++)
            if (memmem(out.at, out.len, talk->secrets[i].shown.at + k, WINDOW) != NULL) {
                fprintf(stderr, "octets %zu to %zu of secret %zu are left\n", k, k + WINDOW, i);
                abort();
            }
    text_clear(&out);
}

extern const unsigned fuzz_weight;
const unsigned fuzz_weight = 3;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t header[] = {0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0,   0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 1, 0, 101, 0, 0, 0};
    struct talk talk = {.state = 0x12345};
    struct piece *pieces;
    struct sending sending = {.id = 7};
    struct bytes commands = {data + 2, len - 2};
    size_t i;

    if (len < 2)
        return 0;
    talk.state += data[1];
    sending.v6 = (data[0] & 4) != 0;
    say(&talk, data[0] & 3);
    text_put_bytes(&sending.file, (struct bytes){header, sizeof(header)});
    pieces = memory_take(MOST_PIECES, sizeof(*pieces));
    if ((data[0] & 16) != 0)
        send_udp(&sending, &talk, commands);
    else
        send_tcp(&sending, &talk, pieces, make_pieces(&talk, commands, pieces), (data[0] & 8) == 0);
    check(&talk, &sending);
    memory_drop(pieces);
    text_clear(&sending.file);
    text_clear(&talk.stream);
    for (i = 0; i < talk.num; i++)
        text_clear(&talk.secrets[i].shown);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Builds fixtures/reference-case/reference-case.pcap: the published incident of KRB_AP_ERR_MODIFIED
 * on IIS, with its exact addresses, identifiers, lengths, sequence numbers, names and times. MIT
 * krb5 encodes and encrypts the Kerberos messages; DNS, TCP, HTTP and SPNEGO around them are put
 * together here. Only confounders and session keys differ from run to run.
 *
 * Usage: make_reference_case OUT.pcap OUT.keytab */
#include <arpa/inet.h>
#include <krb5.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exported by libkrb5, declared in none of its headers. */
krb5_error_code encode_krb5_tgs_req(const krb5_kdc_req *req, krb5_data **code);
krb5_error_code encode_krb5_kdc_req_body(const krb5_kdc_req *req, krb5_data **code);
krb5_error_code encode_krb5_ap_req(const krb5_ap_req *req, krb5_data **code);
krb5_error_code encode_krb5_authenticator(const krb5_authenticator *auth, krb5_data **code);
krb5_error_code encode_krb5_enc_tkt_part(const krb5_enc_tkt_part *part, krb5_data **code);
krb5_error_code encode_krb5_tgs_rep(const krb5_kdc_rep *rep, krb5_data **code);
krb5_error_code encode_krb5_error(const krb5_error *error, krb5_data **code);

enum {
    KDC = 1,
    WEB = 2,
    CLIENT = 3, /* last octet of 10.0.5.x */
    TGS_PAYLOAD = 1488,
    ETYPE = ENCTYPE_AES256_CTS_HMAC_SHA1_96,
    KVNO_MACHINE = 3,
    KVNO_TGT = 2
};

static const char realm[] = "TEST.COM";
/* 2011-10-14 05:10:14 UTC: the Date of the published answer. */
static const krb5_timestamp answer_time = 1318569014;

static krb5_context context;
static pcap_dumper_t *dumper;
static int64_t clock_us; /* since 1970 */
static uint16_t ip_id = 9718;

static void must(krb5_error_code code, const char *what)
{
    if (code == 0)
        return;
    fprintf(stderr, "make_reference_case: %s: error %ld\n", what, (long)code);
    exit(2);
}

struct buffer {
    uint8_t at[8192];
    size_t len;
};

static void put(struct buffer *b, const void *bytes, size_t len)
{
    if (b->len + len > sizeof(b->at))
        abort();
    memcpy(b->at + b->len, bytes, len);
    b->len += len;
}

static void put_text(struct buffer *b, const char *text)
{
    put(b, text, strlen(text));
}

static void put16(struct buffer *b, unsigned value)
{
    uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    put(b, octets, 2);
}

static void put32(struct buffer *b, uint32_t value)
{
    put16(b, value >> 16);
    put16(b, value & 0xFFFF);
}

/* One DER element around the content. */
static struct buffer der(uint8_t tag, const struct buffer *content)
{
    struct buffer out = {.len = 0};

    put(&out, &tag, 1);
    if (content->len < 128) {
        put(&out, &(uint8_t){(uint8_t)content->len}, 1);
    } else {
        put(&out, &(uint8_t){0x82}, 1);
        put16(&out, (unsigned)content->len);
    }
    put(&out, content->at, content->len);
    return out;
}

static void put_der(struct buffer *b, uint8_t tag, const struct buffer *content)
{
    struct buffer element = der(tag, content);

    put(b, element.at, element.len);
}

/* ---- frames ---- */

static uint16_t sum(const uint8_t *at, size_t len, uint32_t start)
{
    size_t i;

    for (i = 0; i + 1 < len; i += 2)
        start += (uint32_t)(at[i] << 8 | at[i + 1]);
    if (len % 2 != 0)
        start += (uint32_t)at[len - 1] << 8;
    while (start >> 16 != 0)
        start = (start & 0xFFFF) + (start >> 16);
    return (uint16_t)~start;
}

/* `offloaded`: total length 0, as the published frame of the TGS-REQ has it (segmentation offload).
 */
static void emit(int from, int to, uint8_t protocol, unsigned id, bool offloaded, struct buffer *l4)
{
    struct buffer f = {.len = 0};
    uint8_t mac[12] = {0x00, 0x15, 0x5d, 0x00, 0x05, (uint8_t)to,
                       0x00, 0x15, 0x5d, 0x00, 0x05, (uint8_t)from};
    uint8_t pseudo[12] = {10,
                          0,
                          5,
                          (uint8_t)from,
                          10,
                          0,
                          5,
                          (uint8_t)to,
                          0,
                          protocol,
                          (uint8_t)(l4->len >> 8),
                          (uint8_t)l4->len};
    size_t at_checksum = protocol == 6 ? 16 : 6, ip;
    uint32_t partial = (uint16_t)~sum(pseudo, sizeof(pseudo), 0);
    uint16_t checksum = sum(l4->at, l4->len, partial);
    struct pcap_pkthdr header;

    l4->at[at_checksum] = (uint8_t)(checksum >> 8);
    l4->at[at_checksum + 1] = (uint8_t)checksum;
    put(&f, mac, sizeof(mac));
    put16(&f, 0x0800);
    ip = f.len;
    put16(&f, 0x4500);
    put16(&f, offloaded ? 0 : (unsigned)l4->len + 20);
    put16(&f, id);
    put16(&f, 0x4000);
    put16(&f, 128u << 8 | protocol);
    put16(&f, 0);
    put(&f, pseudo, 8);
    checksum = sum(f.at + ip, 20, 0);
    f.at[ip + 10] = (uint8_t)(checksum >> 8);
    f.at[ip + 11] = (uint8_t)checksum;
    put(&f, l4->at, l4->len);
    header.ts.tv_sec = (time_t)(clock_us / 1000000);
    header.ts.tv_usec = (suseconds_t)(clock_us % 1000000);
    header.caplen = header.len = (bpf_u_int32)f.len;
    pcap_dump((u_char *)dumper, &header, f.at);
}

static void udp(int from, unsigned sport, int to, unsigned dport, unsigned id,
                const struct buffer *payload)
{
    struct buffer l4 = {.len = 0};

    put16(&l4, sport);
    put16(&l4, dport);
    put16(&l4, (unsigned)payload->len + 8);
    put16(&l4, 0);
    put(&l4, payload->at, payload->len);
    emit(from, to, 17, id, false, &l4);
}

/* One TCP connection: [0] the client's side. */
struct connection {
    int host[2];
    unsigned port[2];
    uint32_t seq[2];
    unsigned window[2];
};

static void tcp(struct connection *c, int side, unsigned flags, unsigned id, bool offloaded,
                const struct buffer *payload)
{
    struct buffer l4 = {.len = 0};
    bool syn = (flags & 2) != 0;
    static const uint8_t options[] = {2, 4, 5, 180, 1, 3,
                                      3, 8, 1, 1,   4, 2}; /* MSS 1460, window scale 8, SACK */

    put16(&l4, c->port[side]);
    put16(&l4, c->port[!side]);
    put32(&l4, c->seq[side]);
    put32(&l4, flags & 16 ? c->seq[!side] : 0);
    put16(&l4, (syn ? 8u : 5u) << 12 | flags);
    put16(&l4, syn ? 8192 : c->window[side]);
    put32(&l4, 0);
    if (syn)
        put(&l4, options, sizeof(options));
    if (payload != NULL)
        put(&l4, payload->at, payload->len);
    emit(c->host[side], c->host[!side], 6, id, offloaded, &l4);
    c->seq[side] += (uint32_t)(payload == NULL ? 0 : payload->len) + ((flags & 3) != 0);
}

static void wait_us(int64_t us)
{
    clock_us += us;
}

static void open_connection(struct connection *c)
{
    tcp(c, 0, 2, ip_id++, false, NULL);
    wait_us(310);
    tcp(c, 1, 18, 0, false, NULL);
    wait_us(60);
    tcp(c, 0, 16, ip_id++, false, NULL);
    wait_us(90);
}

static void close_connection(struct connection *c)
{
    tcp(c, 0, 17, ip_id++, false, NULL);
    wait_us(200);
    tcp(c, 1, 17, 0, false, NULL);
    wait_us(40);
    tcp(c, 0, 16, ip_id++, false, NULL);
}

/* ---- DNS ---- */

static void dns_question(struct buffer *b, unsigned flags, unsigned answers)
{
    static const char name[] = "\7contoso\4test\3com";

    put16(b, 0x4BB1);
    put16(b, flags);
    put16(b, 1);
    put16(b, answers);
    put32(b, 0);
    put(b, name, sizeof(name));
    put16(b, 1);
    put16(b, 1);
}

static void dns_exchange(void)
{
    struct buffer query = {.len = 0}, answer = {.len = 0};
    static const uint8_t address[4] = {10, 0, 5, WEB};

    dns_question(&query, 0x0100, 0);
    udp(CLIENT, 64506, KDC, 53, 9717, &query);
    wait_us(420);
    dns_question(&answer, 0x8580, 2);
    put16(&answer, 0xC00C); /* contoso.test.com CNAME iis01 + test.com of the question */
    put16(&answer, 5);
    put16(&answer, 1);
    put32(&answer, 3600);
    put16(&answer, 8);
    put(&answer, "\5iis01\xC0\x14", 8);
    put16(&answer, 0xC02E); /* iis01.test.com A */
    put16(&answer, 1);
    put16(&answer, 1);
    put32(&answer, 3600);
    put16(&answer, 4);
    put(&answer, address, 4);
    udp(KDC, 53, CLIENT, 64506, 6526, &answer);
    wait_us(700);
}

/* ---- Kerberos ---- */

static krb5_keyblock key_of(const char *password)
{
    krb5_keyblock key;
    krb5_data string = {0, (unsigned)strlen(password), (char *)(uintptr_t)password};
    krb5_data salt = {0, sizeof("TEST.COMaccount") - 1, (char *)(uintptr_t) "TEST.COMaccount"};

    must(krb5_c_string_to_key(context, ETYPE, &string, &salt, &key), "key");
    return key;
}

static krb5_enc_data encrypt(const krb5_keyblock *key, krb5_keyusage usage, const krb5_data *plain)
{
    krb5_enc_data out = {.enctype = ETYPE};
    size_t len;

    must(krb5_c_encrypt_length(context, ETYPE, plain->length, &len), "length");
    out.ciphertext.length = (unsigned)len;
    out.ciphertext.data = calloc(1, len);
    must(krb5_c_encrypt(context, key, usage, NULL, plain, &out), "encrypt");
    return out;
}

static krb5_principal name_of(const char *text, int type)
{
    krb5_principal out;

    must(krb5_parse_name(context, text, &out), text);
    out->type = type;
    return out;
}

/* A ticket for the user, its contents `pad` bytes longer than need be (as a PAC makes them). */
static krb5_ticket ticket_for(const char *server, int type, const char *password, krb5_kvno kvno,
                              const krb5_keyblock *session, size_t pad)
{
    krb5_keyblock key = key_of(password), session_copy = *session;
    krb5_enc_tkt_part part = {
        .flags = 0x40a50000, .session = &session_copy, .client = name_of("user@TEST.COM", 1)};
    krb5_authdata filler = {
        .ad_type = 128, .length = (unsigned)pad, .contents = calloc(1, pad + 1)};
    krb5_authdata *list[] = {&filler, NULL};
    krb5_ticket out = {.server = name_of(server, type)};
    krb5_data *plain;

    part.times.authtime = part.times.starttime = answer_time - 600;
    part.times.endtime = answer_time + 35400;
    part.times.renew_till = answer_time + 604200;
    if (pad > 0)
        part.authorization_data = list;
    must(encode_krb5_enc_tkt_part(&part, &plain), "ticket");
    out.enc_part = encrypt(&key, 2, plain);
    out.enc_part.kvno = kvno;
    return out;
}

static krb5_data *ap_req_for(krb5_ticket *ticket, const krb5_keyblock *session, krb5_keyusage usage,
                             krb5_checksum *checksum)
{
    krb5_authenticator auth = {.client = name_of("user@TEST.COM", 1),
                               .checksum = checksum,
                               .cusec = 4711,
                               .ctime = answer_time,
                               .seq_number = 1};
    krb5_ap_req req = {.ticket = ticket,
                       .ap_options = usage == 11 ? (krb5_flags)AP_OPTS_MUTUAL_REQUIRED : 0};
    krb5_data *plain, *out;

    must(encode_krb5_authenticator(&auth, &plain), "authenticator");
    req.authenticator = encrypt(session, usage, plain);
    must(encode_krb5_ap_req(&req, &out), "AP-REQ");
    return out;
}

static krb5_data *tgs_req(const krb5_keyblock *tgt_session, size_t pad)
{
    static krb5_enctype etypes[] = {18, 17, 23, 24, -135};
    krb5_kdc_req req = {.kdc_options = 0x40810000,
                        .server = name_of("HTTP/iis01.test.com@TEST.COM", 2),
                        .till = 2145916800,
                        .nonce = 1146231,
                        .nktypes = 5,
                        .ktype = etypes};
    krb5_ticket tgt =
        ticket_for("krbtgt/TEST.COM@TEST.COM", 2, "krbtgt", KVNO_TGT, tgt_session, pad);
    krb5_pa_data pa = {.pa_type = KRB5_PADATA_AP_REQ};
    krb5_pa_data *list[] = {&pa, NULL};
    krb5_checksum checksum;
    krb5_data *body, *ap, *out;

    must(encode_krb5_kdc_req_body(&req, &body), "body");
    must(krb5_c_make_checksum(context, CKSUMTYPE_HMAC_SHA1_96_AES256, tgt_session, 6, body,
                              &checksum),
         "checksum");
    ap = ap_req_for(&tgt, tgt_session, 7, &checksum);
    pa.length = ap->length;
    pa.contents = (krb5_octet *)ap->data;
    req.padata = list;
    must(encode_krb5_tgs_req(&req, &out), "TGS-REQ");
    return out;
}

static krb5_data *tgs_rep(krb5_ticket *ticket, const krb5_keyblock *tgt_session)
{
    krb5_kdc_rep rep = {.msg_type = 13, .client = name_of("user@TEST.COM", 1), .ticket = ticket};
    char opaque[180] = {0}; /* EncTGSRepPart: nobody without the session key can tell */
    krb5_data plain = {0, sizeof(opaque), opaque}, *out;

    rep.enc_part = encrypt(tgt_session, 8, &plain);
    must(encode_krb5_tgs_rep(&rep, &out), "TGS-REP");
    return out;
}

static krb5_data *krb_error(void)
{
    krb5_error error = {.stime = answer_time,
                        .susec = 167270,
                        .error = 41,
                        .server = name_of("contososvc@TEST.COM", 1)};
    krb5_data *out;

    must(encode_krb5_error(&error, &out), "KRB-ERROR");
    return out;
}

static struct buffer framed(const krb5_data *message)
{
    struct buffer out = {.len = 0};

    put32(&out, message->length);
    put(&out, message->data, message->length);
    return out;
}

static void kdc_exchange(krb5_ticket *ticket, const krb5_keyblock *tgt_session)
{
    struct connection c = {{CLIENT, KDC}, {50044, 88}, {4106960881u, 354586389u}, {513, 513}};
    krb5_data *request = tgs_req(tgt_session, 600), *reply = tgs_rep(ticket, tgt_session);
    struct buffer payload;
    size_t pad;

    /* The published frame carries 1488 bytes: the size of the TGT makes up for the rest. */
    for (pad = 400; pad < 1200 && request->length + 4 != TGS_PAYLOAD; pad++)
        request = tgs_req(tgt_session, pad);
    if (request->length + 4 != TGS_PAYLOAD) {
        fprintf(stderr, "make_reference_case: no ticket size gives %d bytes\n", TGS_PAYLOAD);
        exit(2);
    }
    open_connection(&c);
    payload = framed(request);
    tcp(&c, 0, 24, 9728, true, &payload);
    wait_us(1900);
    payload = framed(reply);
    tcp(&c, 1, 24, 0, false, &payload);
    wait_us(50);
    close_connection(&c);
}

/* ---- HTTP and SPNEGO ---- */

static const uint8_t oid_spnego[] = {6, 6, 0x2b, 6, 1, 5, 5, 2};
static const uint8_t oid_krb5[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2};
static const uint8_t oid_ms_krb5[] = {6, 9, 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2};
static const uint8_t oid_ntlm[] = {6, 10, 0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10};

/* The krb5 mechanism's token, RFC 4121 section 4.1. */
static struct buffer mech_token(uint8_t tok_id, const krb5_data *message)
{
    struct buffer inner = {.len = 0};
    uint8_t id[2] = {tok_id, 0};

    put(&inner, oid_krb5, sizeof(oid_krb5));
    put(&inner, id, 2);
    put(&inner, message->data, message->length);
    return der(0x60, &inner);
}

static struct buffer neg_token_init(const krb5_data *ap_req)
{
    struct buffer mechs = {.len = 0}, list = {.len = 0}, fields = {.len = 0},
                  token = mech_token(1, ap_req), out = {.len = 0}, octets, sequence;

    put(&mechs, oid_ms_krb5, sizeof(oid_ms_krb5));
    put(&mechs, oid_krb5, sizeof(oid_krb5));
    put(&mechs, oid_ntlm, sizeof(oid_ntlm));
    list = der(0x30, &mechs);
    put_der(&fields, 0xa0, &list);
    octets = der(0x04, &token);
    put_der(&fields, 0xa2, &octets);
    sequence = der(0x30, &fields);
    put(&out, oid_spnego, sizeof(oid_spnego));
    put_der(&out, 0xa0, &sequence);
    return der(0x60, &out);
}

/* accept-incomplete without supportedMech, as IIS 7 sends it. */
static struct buffer neg_token_resp(const krb5_data *error)
{
    struct buffer state = {.at = {10, 1, 1}, .len = 3}, fields = {.len = 0},
                  token = mech_token(3, error), octets, sequence;

    put_der(&fields, 0xa0, &state);
    octets = der(0x04, &token);
    put_der(&fields, 0xa2, &octets);
    sequence = der(0x30, &fields);
    return der(0xa1, &sequence);
}

static void put_base64(struct buffer *b, const struct buffer *raw)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i;

    for (i = 0; i < raw->len; i += 3) {
        uint32_t v = (uint32_t)raw->at[i] << 16;
        size_t left = raw->len - i;
        char out[4];

        v |= left > 1 ? (uint32_t)raw->at[i + 1] << 8 : 0;
        v |= left > 2 ? raw->at[i + 2] : 0;
        out[0] = letters[v >> 18 & 63];
        out[1] = letters[v >> 12 & 63];
        out[2] = left > 1 ? letters[v >> 6 & 63] : '=';
        out[3] = left > 2 ? letters[v & 63] : '=';
        put(b, out, 4);
    }
}

static void put_request(struct buffer *b, const struct buffer *token)
{
    put_text(b, "GET / HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla/5.0 (compatible; MSIE 9.0; "
                "Windows NT 6.1; "
                "Trident/5.0)\r\nHost: contoso.test.com\r\nConnection: Keep-Alive\r\n");
    if (token != NULL) {
        put_text(b, "Authorization: Negotiate ");
        put_base64(b, token);
        put_text(b, "\r\n");
    }
    put_text(b, "\r\n");
}

static void put_refusal(struct buffer *b, const struct buffer *token)
{
    char body[342];

    memset(body, 'x', sizeof(body));
    memcpy(body, "<!DOCTYPE HTML><HTML><BODY><h2>Not Authorized</h2>", 50);
    put_text(b, "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html; charset=us-ascii\r\n");
    put_text(b, "Server: Microsoft-HTTPAPI/2.0\r\nWWW-Authenticate: Negotiate");
    if (token != NULL) {
        put_text(b, " ");
        put_base64(b, token);
    }
    put_text(b, "\r\nDate: Fri, 14 Oct 2011 05:10:14 GMT\r\nContent-Length: 341\r\n\r\n");
    put(b, body, 341);
}

/* Sends a message in segments of at most 1460 bytes. */
static void send_all(struct connection *c, int side, const struct buffer *message)
{
    size_t at;

    for (at = 0; at < message->len; at += 1460) {
        struct buffer part = {.len = 0};
        size_t len = message->len - at < 1460 ? message->len - at : 1460;

        put(&part, message->at + at, len);
        tcp(c, side, at + len == message->len ? 24 : 16, side == 0 ? ip_id++ : 0, false, &part);
        wait_us(80);
    }
    tcp(c, !side, 16, side == 1 ? ip_id++ : 0, false, NULL);
    wait_us(120);
}

static void web_exchange(struct connection *c, const struct buffer *request_token,
                         const struct buffer *reply_token)
{
    struct buffer request = {.len = 0}, reply = {.len = 0};

    put_request(&request, request_token);
    send_all(c, 0, &request);
    put_refusal(&reply, reply_token);
    send_all(c, 1, &reply);
}

int main(int argc, char **argv)
{
    struct connection web = {{CLIENT, WEB}, {50043, 80}, {3105550201u, 887126001u}, {513, 513}};
    krb5_keyblock tgt_session, session, machine;
    krb5_ticket ticket;
    struct buffer token, answer;
    krb5_keytab keytab;
    krb5_keytab_entry entry = {0};

    if (argc != 3) {
        fprintf(stderr, "usage: make_reference_case OUT.pcap OUT.keytab\n");
        return 2;
    }
    must(krb5_init_context(&context), "context");
    must(krb5_set_default_realm(context, realm), "realm");
    must(krb5_c_make_random_key(context, ETYPE, &tgt_session), "session key");
    must(krb5_c_make_random_key(context, ETYPE, &session), "session key");
    dumper = pcap_dump_open(pcap_open_dead(DLT_EN10MB, 65535), argv[1]);
    if (dumper == NULL)
        return 2;
    /* The capture was taken on the client, whose clock (event log, 22:10:05 local) is 9 s behind
     * the server's. */
    clock_us = ((int64_t)answer_time - 9) * 1000000 + 105000;
    dns_exchange();
    open_connection(&web);
    web_exchange(&web, NULL, NULL);
    ticket = ticket_for("HTTP/iis01.test.com@TEST.COM", 2, "the password of IIS01$", KVNO_MACHINE,
                        &session, 480);
    kdc_exchange(&ticket, &tgt_session);
    token = neg_token_init(ap_req_for(&ticket, &session, 11, NULL));
    answer = neg_token_resp(krb_error());
    web_exchange(&web, &token, &answer);
    close_connection(&web);
    pcap_dump_close(dumper);

    /* The computer's key: proof of whose key encrypted the ticket. Worth nothing anywhere else. */
    machine = key_of("the password of IIS01$");
    remove(argv[2]);
    must(krb5_kt_resolve(context, argv[2], &keytab), "keytab");
    entry.principal = name_of("IIS01$@TEST.COM", 1);
    entry.vno = KVNO_MACHINE;
    entry.key = machine;
    must(krb5_kt_add_entry(context, keytab, &entry), "keytab");
    return 0;
}

/* SPDX-License-Identifier: MIT */
#include "carrier/carrier.h"

struct source carrier_source(const struct flow *flow, int side, const struct segment *segment,
                             const char *carrier, const char *damaged)
{
    struct source source = {
        .flow = flow->id,
        .reply = side == 1,
        .transport = flow->transport,
        .first_frame = segment != NULL ? segment->first_frame : flow->frame,
        .frame = segment != NULL ? segment->frame : flow->frame,
        .first_ns = segment != NULL ? segment->first_ns : flow->time_ns,
        .time_ns = segment != NULL ? segment->time_ns : flow->time_ns,
        .src = flow->address[side],
        .sport = flow->port[side],
        .dst = flow->address[1 - side],
        .dport = flow->port[1 - side],
        .src_mac = flow->has_mac ? flow->src_mac_text : NULL,
        .carrier = carrier,
        .damaged = damaged,
        .process = flow->process,
    };

    if (flow->pid > 0)
        source.pid = optint(flow->pid);
    return source;
}

void carrier_limit(struct carriage *carriage, enum carrier_limit limit, const struct source *source)
{
    static const struct {
        const char *code, *message;
    } limits[] = {
        [CARRIER_HTTP_AUTHS] = {"limit-http-auths", "too many authentication fields in one HTTP "
                                                    "message; the later ones are left out"},
        [CARRIER_TLS_NAMES] = {"limit-tls-names", "too many names or protocols in one TLS message; "
                                                  "the later ones are left out"},
        [CARRIER_TLS_HANDSHAKE] = {"limit-tls-handshake", "a TLS handshake message is too long; "
                                                          "this side is not read any further"},
        [CARRIER_DNS_RECORDS] = {"limit-dns-records", "too many records in one DNS message; the "
                                                      "later ones are left out"},
        [CARRIER_HTTP_HEADER] = {"limit-http-line", "a line of an HTTP message is too long; the "
                                                    "message is not read"},
        [CARRIER_HTTP_OPEN] = {"limit-http-open", "too many HTTP requests without an answer on one "
                                                  "connection; which answer is whose is not told "
                                                  "from here on"},
        [CARRIER_HTTP_WAITING] = {"limit-http-waiting",
                                  "too many answers to an HTTP request that is not complete; the "
                                  "later ones stand without it"},
        [CARRIER_LIST] = {"limit-list", "too many elements in a list of a Kerberos message; the "
                                        "later ones are left out"},
        [CARRIER_MESSAGE] = {"limit-message", "a message that is Kerberos or may carry a token is "
                                              "too long; it is left out"},
    };
    struct problem problem = {.code = limits[limit].code,
                              .message = limits[limit].message,
                              .at_frame = optint(source->frame),
                              .times = 1};

    if ((carriage->limits_said & 1u << limit) != 0)
        return;
    carriage->limits_said |= 1u << limit;
    log_append(carriage->log, KIND_problem, source, &problem);
}

/* SPDX-License-Identifier: MIT */
/* Any bytes as a Kerberos message: offsets stay inside, the same bytes elsewhere in a buffer give
 * the same message, MIT krb5 agrees wherever both accept, and observing leaks nothing. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "asn1/mit.h"
#include "carrier/krb_observe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void inside(const struct der_bytes *value, const uint8_t *data, size_t len)
{
    assert(value->raw.len == 0 ||
           (value->raw.at >= data && value->raw.at + value->raw.len <= data + len));
}

static void check_inside(const struct kerberos *m, const uint8_t *data, size_t len)
{
    size_t i;

    assert(m->start == 0 && m->end <= len && m->story.fault_at <= len);
    inside(&m->realm, data, len);
    inside(&m->crealm, data, len);
    inside(&m->e_text, data, len);
    inside(&m->e_data, data, len);
    inside(&m->ticket.realm, data, len);
    inside(&m->ticket.enc.cipher, data, len);
    inside(&m->enc.cipher, data, len);
    inside(&m->authenticator.cipher, data, len);
    assert(m->padata.in.end <= len && m->etypes.in.end <= len && m->tickets.in.end <= len);
    for (i = 0; i < m->salvaged.num_holes; i++)
        assert(m->salvaged.holes[i].at < m->salvaged.holes[i].end &&
               m->salvaged.holes[i].end <= len);
}

/* Behind other bytes everything is the same, only moved. */
static void check_moved(const struct kerberos *m, const uint8_t *data, size_t len)
{
    enum { MOVE = 7 };
    uint8_t *copy = malloc(len + MOVE);
    struct reader in;
    struct kerberos again;

    memset(copy, 0x5A, MOVE);
    memcpy(copy + MOVE, data, len);
    reader_init(&in, (struct bytes){copy, len + MOVE}, false);
    reader_skip(&in, MOVE);
    assert(kerberos_parse(&in, &again) == m->set || !m->set);
    assert(again.start == m->start + MOVE && again.end == m->end + MOVE);
    assert(again.story.fault == m->story.fault && again.story.odd == m->story.odd);
    assert(m->story.fault == FAULT_NONE || again.story.fault_at == m->story.fault_at + MOVE);
    assert(again.error_code.set == m->error_code.set &&
           again.error_code.value == m->error_code.value);
    assert(bytes_equal(again.realm.raw, m->realm.raw) && again.etypes.num == m->etypes.num);
    assert(again.ticket.enc.kvno.set == m->ticket.enc.kvno.set &&
           bytes_equal(again.ticket.enc.cipher.raw, m->ticket.enc.cipher.raw));
    free(copy);
}

static void check_mit(const struct kerberos *m, const uint8_t *data)
{
    const char *what;

    if (m->story.fault != FAULT_NONE)
        return;
    if (mit_confirm(m, (struct bytes){data, m->end}, &what) == MIT_DISAGREES) {
        fprintf(stderr, "MIT reads another %s\n", what);
        abort();
    }
}

static void observe(const uint8_t *data, size_t len, bool open)
{
    struct log log = {0};
    struct arena scratch = {0};
    struct carriage carriage = {.log = &log, .scratch = &scratch};
    struct source source = {.damaged = open ? "incomplete" : NULL};
    struct reader in;
    size_t i;

    reader_init(&in, (struct bytes){data, len}, open);
    krb_observe(&carriage, &source, &in, 0, false);
    for (i = 0; i < log.num; i++) {
        assert(log.at[i].kind == KIND_krb);
        assert(log.at[i].krb->parent == (i == 0 ? 0 : 1));
    }
    log_clear(&log);
    arena_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct reader in;
    struct kerberos m;

    reader_init(&in, (struct bytes){data, len}, false);
    if (kerberos_parse(&in, &m)) {
        check_inside(&m, data, len);
        check_moved(&m, data, len);
        check_mit(&m, data);
    } else {
        assert(m.story.fault != FAULT_NONE);
    }
    observe(data, len, false);
    observe(data, len, true);
    return 0;
}

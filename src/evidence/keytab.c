/* SPDX-License-Identifier: MIT */
/* Keytab files: which principals, key versions and etypes; never a key. */
#include "asn1/keytab.h"

#include "evidence/kind.h"

static void take_key(void *user, const struct keytab_key *entry)
{
    const struct document *document = user;
    struct key key = {
        .principal = keytab_principal(document->scratch, entry),
        .time_s = optint(entry->time_s),
        .kvno = entry->kvno,
        .etype = optint(entry->etype),
    };

    document_fact(document, KIND_key, 1, &key);
}

static void read_keytab(const struct document *document)
{
    struct keytab_fault fault;

    if (!keytab_parse(document->raw, take_key, (void *)(uintptr_t)document, &fault))
        document_problem(document, 1, "keytab-damaged",
                         arena_print(document->scratch, "the keytab is damaged at offset %zu: %s",
                                     fault.at, fault.what));
}

static int score_keytab(const struct document *document)
{
    return keytab_looks(document->raw) ? 100 : SCORE_NONE;
}

const struct evidence_kind evidence_keytab = {"keytab", score_keytab, read_keytab};

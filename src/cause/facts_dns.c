/* SPDX-License-Identifier: MIT */
/* What DNS told the client besides the chain of this attempt. */
#include <string.h>

#include "cause/facts_case.h"

int64_t facts_other_names(const struct facts *f)
{
    size_t at = 0, looked = 0, i;
    int64_t id;

    while (looked++ < INDEX_NEARBY &&
           map_next(&f->index->told, index_address(&f->a->client), &at, &id)) {
        const struct dns *dns = case_dns(f->joined, id);

        for (i = 0; dns != NULL && i < dns->answers.num; i++)
            if (dns->answers.at[i].type != NULL &&
                (strcmp(dns->answers.at[i].type, "A") == 0 ||
                 strcmp(dns->answers.at[i].type, "AAAA") == 0) &&
                !host_equal(dns->answers.at[i].name, f->a->asked_for))
                return id;
    }
    return 0;
}

/* It asked for one name twice while the first answer still held. */
static bool asks_again(const struct facts *f, const struct observation *later)
{
    size_t at = 0, looked = 0;
    int64_t id;

    while (looked++ < INDEX_NEARBY &&
           map_next(&f->index->told, index_address(&f->a->client), &at, &id)) {
        const struct observation *first = log_find(f->joined->log, id);
        int64_t apart_ns = later->source.time_ns - first->source.time_ns;

        if (id >= later->id || apart_ns <= 0 || first->dns->id == later->dns->id ||
            !host_equal(first->dns->qname, later->dns->qname) || first->dns->qtype == NULL ||
            later->dns->qtype == NULL || strcmp(first->dns->qtype, later->dns->qtype) != 0 ||
            first->dns->answers.num == 0 || !first->dns->answers.at[0].ttl.set)
            continue;
        if (apart_ns / 1000000000 < first->dns->answers.at[0].ttl.value)
            return true;
    }
    return false;
}

bool facts_no_cache(const struct facts *f)
{
    enum { LOOKED_AT = 32 };
    size_t at = 0, looked = 0;
    int64_t id;

    while (looked++ < LOOKED_AT &&
           map_next(&f->index->told, index_address(&f->a->client), &at, &id))
        if (asks_again(f, log_find(f->joined->log, id)))
            return true;
    return false;
}

/* Any DNS answer to this client has that name in it. */
bool facts_told_of(const struct facts *f, const char *host)
{
    size_t at = 0, looked = 0, i;
    int64_t id;

    while (looked++ < INDEX_NEARBY &&
           map_next(&f->index->told, index_address(&f->a->client), &at, &id)) {
        const struct dns *dns = case_dns(f->joined, id);

        if (dns == NULL)
            continue;
        if (host_equal(dns->qname, host))
            return true;
        for (i = 0; i < dns->answers.num; i++)
            if (host_equal(dns->answers.at[i].name, host) ||
                host_equal(dns->answers.at[i].value, host))
                return true;
    }
    return false;
}

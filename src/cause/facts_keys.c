/* SPDX-License-Identifier: MIT */
/* What keytabs say of one attempt: whose key opens the ticket, and which keys a service has. */
#include <string.h>
#include <strings.h>

#include "cause/facts_case.h"

/* "IIS01$" and "IIS01" are one account in setspn's output. */
bool facts_same_account(const char *a, const char *b)
{
    char trimmed[256];
    size_t len = strlen(a);

    if (account_equal(a, b))
        return true;
    if (len < 2 || len >= sizeof(trimmed) || a[len - 1] != '$' || strchr(b, '$') != NULL)
        return false;
    memcpy(trimmed, a, len - 1);
    trimmed[len - 1] = '\0';
    return account_equal(trimmed, b);
}

enum match facts_compare(const struct facts *f, const char *account, bool computer)
{
    const char *acceptor = f->ev.acceptor;

    if (acceptor == NULL)
        return MATCH_UNKNOWN;
    if (f->realm_differs)
        return MATCH_DIFFERENT;
    if (acceptor[0] == '\0') /* the server's computer account, whatever it is called */
        return computer ? MATCH_UNKNOWN : MATCH_DIFFERENT;
    return facts_same_account(acceptor, account) ? MATCH_SAME : MATCH_DIFFERENT;
}

static bool begins_with(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

/* The account behind a principal of a keytab: a name without a service is one itself. */
static void find_opener(struct facts *f)
{
    struct evidence *ev = &f->ev;
    const struct ticket *ticket = f->a->ticket;
    const struct opener *best = NULL;
    size_t i, len;

    if (ticket == NULL)
        return;
    ev->tried = ticket->tried;
    for (i = 0; i < ticket->opened_by.num; i++) {
        const struct opener *opener = &ticket->opened_by.at[i];

        if (opener->principal != NULL && (best == NULL || (strchr(best->principal, '/') != NULL &&
                                                           strchr(opener->principal, '/') == NULL)))
            best = opener;
    }
    if (best == NULL)
        return;
    ev->opener_kvno = optint(best->kvno);
    if (strchr(best->principal, '/') != NULL)
        return; /* a key under the service's name tells no account */
    len = strcspn(best->principal, "@");
    ev->opener = arena_text(f->arena, (struct bytes){(const uint8_t *)best->principal, len});
    ev->opened = facts_compare(f, ev->opener, index_is_machine(ev->opener));
    /* "websvc" and "websvc-old" may be one account under two names. */
    if (ev->opened == MATCH_DIFFERENT && ev->acceptor[0] != '\0' && !f->realm_differs &&
        (begins_with(ev->opener, ev->acceptor) || begins_with(ev->acceptor, ev->opener)))
        ev->opened = MATCH_UNKNOWN;
}

/* Entries of a keytab for the ticket's name, or for the account that tried and holds it. */
static bool key_is_ours(const struct facts *f, const struct key *key)
{
    size_t len = key->principal == NULL ? 0 : strcspn(key->principal, "@");
    const char *realm = len == 0 || key->principal[len] == '\0' ? NULL : key->principal + len + 1;
    const char *name;

    if (len == 0 ||
        (realm != NULL && f->a->ticket->realm != NULL && !realm_equal(realm, f->a->ticket->realm)))
        return false;
    name = arena_text(f->arena, (struct bytes){(const uint8_t *)key->principal, len});
    /* Keys of the account that tried say nothing about a ticket that is not its own. */
    return host_equal(name, f->a->spn) ||
           (f->ev.match == MATCH_SAME && f->tried_by != NULL && account_equal(name, f->tried_by));
}

/* A keytab with keys of the KDC, or of several accounts, is a collection and not the service's. */
static bool is_collection(const struct facts *f, int64_t input)
{
    const char *first = NULL, *second = NULL;
    size_t i;

    for (i = 0; i < f->index->evidence.num; i++) {
        const struct observation *seen = &f->index->evidence.at[i];
        const char *name = seen->kind == KIND_key ? seen->key->principal : NULL;

        if (name == NULL || seen->source.capture != input)
            continue;
        if (begins_with(name, "krbtgt/"))
            return true;
        if (strchr(name, '/') != NULL || (first != NULL && account_equal(first, name)) ||
            (second != NULL && account_equal(second, name)))
            continue;
        if (first == NULL)
            first = name;
        else if (second == NULL)
            second = name;
        else
            return true;
    }
    return false;
}

static bool same_realm(const struct facts *f, const char *principal)
{
    const char *at = strrchr(principal, '@');

    return at == NULL || f->a->ticket->realm == NULL || realm_equal(at + 1, f->a->ticket->realm);
}

static bool is_opener(const struct ticket *ticket, const struct key *key)
{
    size_t i;

    for (i = 0; i < ticket->opened_by.num; i++)
        if (ticket->opened_by.at[i].principal != NULL &&
            strcasecmp(ticket->opened_by.at[i].principal, key->principal) == 0 &&
            ticket->opened_by.at[i].kvno == key->kvno &&
            (!key->etype.set || ticket->opened_by.at[i].etype == key->etype.value))
            return true;
    return false;
}

/* "iis01$@OTHER.COM" beside an opener "iis01$": the account of that name in the domain that the
 * SPN's host is in. */
static bool is_twin(const struct facts *f, const char *principal)
{
    size_t len = strcspn(principal, "@");
    const char *domain = f->a->spn_host == NULL ? NULL : strchr(f->a->spn_host, '.');

    return f->ev.opener != NULL && strlen(f->ev.opener) == len &&
           strncasecmp(principal, f->ev.opener, len) == 0 && principal[len] == '@' &&
           domain != NULL && realm_equal(principal + len + 1, domain + 1) &&
           !same_realm(f, principal);
}

/* What the entries that are not for this ticket's name say of it. */
static void note_key(struct facts *f, const struct observation *seen)
{
    struct evidence *ev = &f->ev;
    const struct key *key = seen->key;
    const struct ticket *ticket = f->a->ticket;
    bool service = !is_collection(f, seen->source.capture);

    if (key->principal == NULL)
        return;
    if (service && is_opener(ticket, key))
        ev->key_opens = seen;
    if (service && !same_realm(f, key->principal))
        ev->key_realm = seen;
    if (is_twin(f, key->principal))
        ev->key_twin = seen;
    if (ev->opener != NULL && same_realm(f, key->principal) && ev->opener_kvno.set &&
        key->kvno > ev->opener_kvno.value && strlen(ev->opener) == strcspn(key->principal, "@") &&
        strncasecmp(key->principal, ev->opener, strlen(ev->opener)) == 0)
        ev->key_newer = seen;
}

static bool any_service_key_of_realm(const struct facts *f)
{
    size_t i;

    for (i = 0; i < f->index->evidence.num; i++) {
        const struct observation *seen = &f->index->evidence.at[i];

        if (seen->kind == KIND_key && seen->key->principal != NULL &&
            same_realm(f, seen->key->principal) && !is_collection(f, seen->source.capture))
            return true;
    }
    return false;
}

static void find_keys(struct facts *f)
{
    struct evidence *ev = &f->ev;
    const struct ticket *ticket = f->a->ticket;
    size_t i;

    if (ticket == NULL || f->a->spn == NULL)
        return;
    for (i = 0; i < f->index->evidence.num; i++) {
        const struct observation *seen = &f->index->evidence.at[i];

        if (seen->kind == KIND_key)
            note_key(f, seen);
        if (seen->kind != KIND_key || !key_is_ours(f, seen->key) ||
            is_collection(f, seen->source.capture))
            continue;
        if (!ticket->kvno.set || seen->key->kvno != ticket->kvno.value)
            ev->key_kvno = seen;
        else if (seen->key->etype.set && ticket->etype.set &&
                 seen->key->etype.value != ticket->etype.value)
            ev->key_etype = seen;
        else
            ev->key_same = seen;
    }
    if (ev->key_same != NULL)
        ev->key_kvno = ev->key_etype = NULL;
    else if (ev->key_etype != NULL)
        ev->key_kvno = NULL;
    if (ev->key_realm != NULL && any_service_key_of_realm(f))
        ev->key_realm = NULL;
}

void facts_keys(struct facts *f)
{
    find_opener(f);
    find_keys(f);
}

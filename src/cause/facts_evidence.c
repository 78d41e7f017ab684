/* SPDX-License-Identifier: MIT */
/* What evidence files and keys say of one attempt. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cause/facts_case.h"
#include "cause/iis.h"

enum { ETYPES_LISTED = 8 };

const char *facts_owner(const struct facts *f, const struct owner *owner)
{
    return owner->dn == NULL ? owner->account
                             : arena_print(f->arena, "%s (%s)", owner->account, owner->dn);
}

/* The winner; NULL when nobody, or several in the same form, hold it. */
static const struct owner *winner(const struct owners *owners, size_t *out_num)
{
    const struct owner *at = owners_winning(owners, out_num);

    return *out_num == 1 ? at : NULL;
}

/* The domain of a DN is the realm: DC=corp,DC=example is CORP.EXAMPLE. */
static bool dn_in_realm(const char *dn, const char *realm)
{
    const char *at = dn;

    if (dn == NULL || realm == NULL)
        return false;
    while (*at != '\0' && *realm != '\0') {
        size_t len;

        if (strncasecmp(at, "DC=", 3) == 0 && (at == dn || at[-1] == ',')) {
            len = strcspn(at + 3, ",");
            if (strncasecmp(at + 3, realm, len) != 0 || (realm[len] != '.' && realm[len] != '\0'))
                return false;
            realm += len + (realm[len] == '.');
            at += 3 + len;
        }
        at += *at != '\0';
    }
    return *realm == '\0' && strncasecmp(at, "DC=", 3) != 0;
}

/* A KDC looks in its own domain first: the one holder there, when others are elsewhere. */
static void prefer_own_domain(struct facts *f)
{
    struct evidence *ev = &f->ev;
    const char *realm = f->a->ticket == NULL ? NULL : f->a->ticket->realm;
    const struct owner *own = NULL, *other = NULL;
    size_t i;

    for (i = 0; i < ev->num_winning; i++) {
        const struct owner *owner = &ev->owners.at[i];

        if (!dn_in_realm(owner->dn, realm)) {
            other = owner;
        } else if (own != NULL) {
            return;
        } else {
            own = owner;
        }
    }
    if (own == NULL || other == NULL || other->dn == NULL)
        return;
    ev->owner = own;
    ev->num_winning = 1;
    ev->other_domain = other;
    ev->owner_from = own->num_sources > 0 ? own->sources[0] : 0;
}

static void find_owners(struct facts *f)
{
    struct evidence *ev = &f->ev;
    const struct attempt *a = f->a;
    size_t num;

    owners_find(&ev->owners, f->arena, &f->index->evidence, a->spn);
    ev->owner = winner(&ev->owners, &ev->num_winning);
    if (ev->owners.num > 0 && ev->owners.at[0].num_sources > 0)
        ev->owner_from = ev->owners.at[0].sources[0];
    if (ev->num_winning > 1)
        prefer_own_domain(f);
    for (num = ev->num_winning; num < ev->owners.num && ev->beside == NULL; num++)
        if (ev->owner == NULL || !account_equal(ev->owners.at[num].account, ev->owner->account))
            ev->beside = &ev->owners.at[num];
    if (a->spn_service == NULL || a->spn_host == NULL)
        return;
    if (a->asked_for != NULL && f->spn_origin != SPN_ASKED) {
        ev->asked_spn = arena_print(f->arena, "%s/%s", a->spn_service, a->asked_for);
        owners_find(&ev->asked, f->arena, &f->index->evidence, ev->asked_spn);
        ev->asked_owner = winner(&ev->asked, &num);
    }
    if (a->spn_port != NULL)
        ev->port_spn = arena_print(f->arena, "%s/%s", a->spn_service, a->spn_host);
    else if (a->server_port != 0)
        ev->port_spn = arena_print(f->arena, "%s:%lld", a->spn, (long long)a->server_port);
    if (ev->port_spn == NULL)
        return;
    owners_find(&ev->port, f->arena, &f->index->evidence, ev->port_spn);
    ev->port_owner = winner(&ev->port, &num);
    if (ev->port_owner != NULL && a->spn_port == NULL && ev->port_owner->form != OWNER_SPN)
        ev->port_owner = NULL; /* HOST/h:8080 is no answer to a port that was left out */
}

static void find_acceptor(struct facts *f)
{
    struct evidence *ev = &f->ev;
    const struct observation *site =
        f->a->server.family == 0
            ? NULL
            : iis_site_reached(&f->index->evidence, f->a->asked_for, f->a->server_port, f->a->path);
    struct iis_rule rule = {0};

    ev->site = site == NULL ? 0 : site->id;
    if (site != NULL)
        iis_rule_of(&rule, site->iis_site);
    if (f->named == NAMED_COMPUTER || f->named == NAMED_USER) {
        ev->acceptor = f->tried_by;
        ev->acceptor_from = f->a->error;
    } else if (rule.opener != IIS_OPENER_UNKNOWN) {
        ev->acceptor = rule.opener == IIS_OPENER_POOL ? rule.account : "";
        ev->acceptor_from = site->id;
    }
    if (ev->acceptor != NULL && ev->acceptor[0] != '\0' && !f->realm_differs)
        ev->acceptor_known =
            owner_of_account(&ev->acceptor_object, f->arena, &f->index->evidence, ev->acceptor);
}

/* The matrix for the site that was reached, where the error does not speak against it. */
static void judge_site(struct facts *f)
{
    const struct attempt *a = f->a;
    const struct observation *site = index_fact(f->index, f->ev.site);
    struct iis_verdict *verdict;

    if (site == NULL || a->spn_service == NULL || a->spn_host == NULL || a->spn_port != NULL ||
        strcasecmp(a->spn_service, "HTTP") != 0)
        return;
    verdict = arena_take(f->arena, 1, sizeof(*verdict));
    iis_judge(verdict, f->arena, &f->index->evidence, site, a->spn_host,
              f->named == NAMED_COMPUTER ? f->tried_by : a->server_computer);
    if (f->realm_differs ||
        (verdict->rule.opener == IIS_OPENER_POOL && f->tried_by != NULL &&
         !account_equal(f->tried_by, verdict->rule.account)) ||
        (verdict->rule.opener == IIS_OPENER_MACHINE && f->named == NAMED_USER))
        return;
    f->ev.iis = verdict;
}

/* Of two holders the one that did not try: its key is to be expected in the ticket. */
static void find_other_holder(struct evidence *ev)
{
    const struct owner *at = ev->owners.at;
    bool first, second;

    if (ev->num_winning != 2 || ev->acceptor == NULL || ev->acceptor[0] == '\0')
        return;
    first = facts_same_account(ev->acceptor, at[0].account);
    second = facts_same_account(ev->acceptor, at[1].account);
    if (first != second)
        ev->other_holder = &at[first ? 1 : 0];
}

static void compare_accounts(struct facts *f)
{
    struct evidence *ev = &f->ev;
    size_t i;

    if (ev->owner != NULL)
        ev->match = facts_compare(f, ev->owner->account, ev->owner->computer);
    for (i = 0; i < ev->owners.num; i++)
        ev->acceptor_holds |=
            facts_compare(f, ev->owners.at[i].account, ev->owners.at[i].computer) == MATCH_SAME;
}

void facts_evidence(struct facts *f)
{
    f->ev.any = f->index->evidence.num > 0 || (f->a->ticket != NULL && f->a->ticket->tried);
    if (!f->ev.any)
        return;
    if (f->a->spn != NULL)
        find_owners(f);
    find_acceptor(f);
    facts_events(f);
    find_other_holder(&f->ev);
    judge_site(f);
    compare_accounts(f);
    facts_keys(f);
    facts_files(f);
    /* A key settles what files only say. */
    if (f->ev.opened != MATCH_UNKNOWN)
        f->ev.match = f->ev.opened;
}

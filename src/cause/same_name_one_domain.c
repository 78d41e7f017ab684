/* SPDX-License-Identifier: MIT */
/* A clone, or a re-used name. */
#include <strings.h>

#include "cause/cause.h"
#include "cause/proof.h"

/* Another address that claims the same computer name: by its NTLM challenge or in its error. */
static const struct attempt *twin(const struct facts *f)
{
    size_t at = 0, looked = 0;
    int64_t i;

    while (looked++ < INDEX_NEARBY && f->a->spn != NULL &&
           map_next(&f->index->attempts, index_name(f->a->spn), &at, &i)) {
        const struct attempt *o = &f->joined->attempts[i];
        const struct krb *error =
            o->error_origin == ORIGIN_ACCEPTOR ? case_krb(f->joined, o->error) : NULL;
        const char *mine = f->a->server_computer != NULL ? f->a->server_computer : f->tried_by;

        if (o == f->a || o->server.family != f->a->server.family ||
            address_equal(&o->server, &f->a->server))
            continue;
        if (host_same_label(o->server_computer, mine) ||
            (error != NULL && host_same_label(error->sname, mine)))
            return o;
    }
    return NULL;
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *o;

    if (!f->acceptor || f->named != NAMED_COMPUTER)
        return;
    if (proof_excludes_keys(f, j))
        return;
    o = twin(f);
    if (o == NULL) {
        if (f->tried_is_spn_host)
            judge_undecided(j, 4);
        return;
    }
    judge_holds(j, o->outcome == OUTCOME_SUCCEEDED ? 72 : 45);
    say_for(j, SEEN(f->a->error, o->error, o->server_computer_from),
            "two addresses answer in the name of the computer %s", f->tried_by);
    say_missing(j,
                "which machines they are: hardware addresses, DHCP leases, when each set the "
                "password of the account",
                "repadmin /showobjmeta * ACCOUNT-DN");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "Two machines use the computer account %s: each password change of the one "
                       "locks the other out.",
                       f->tried_by != NULL ? f->tried_by : facts_host(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card =
        card_add(cards,
                 "Rename the clone and join it anew; then repair the password of the machine "
                 "that keeps the name %s",
                 facts_host(f));

    card->command = "Rename-Computer -NewName NEW-NAME -DomainCredential (Get-Credential) -Restart";
    card->who = "a local administrator with the right to join computers";
    card->breaks = "whatever reaches the clone under the old name";
    card->undo = "rename it back";
    card->verify = "nltest /sc_verify:DOMAIN on both machines";
    card_machine_password(cards, f->tried_by);
}

const struct cause cause_same_name_one_domain = {
    .id = "same-name-one-domain",
    .title = "Two machines use one computer account",
    .shows =
        "Two addresses, or hardware addresses, claim one computer name, and one of them works.",
    .against = "One machine.",
    .settled_by = "Hardware address, lease, pwdLastSet.",
    .fix = "Rename and rejoin the clone, then repair.",
    .reference = NULL,
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};

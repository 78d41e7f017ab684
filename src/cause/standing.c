/* SPDX-License-Identifier: MIT */
#include "cause/standing.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/memory.h"

static const char domain_admin[] =
    "a domain administrator (since KB5008382 also where HOST/ of another account implies the SPN)";

void standing_tell(struct standing *s, const char *spn)
{
    if (s->num_told == s->room_told) {
        s->room_told = s->room_told == 0 ? 16 : s->room_told * 2;
        s->told = memory_grow(s->told, s->room_told, sizeof(*s->told));
    }
    s->told[s->num_told++] = spn;
}

bool standing_told(const struct standing *s, const char *spn)
{
    size_t i;

    for (i = 0; i < s->num_told; i++)
        if (strcasecmp(s->told[i], spn) == 0)
            return true;
    return false;
}

bool standing_same(const struct owner *a, const struct owner *b)
{
    size_t len = strcspn(a->account, "$"), other = strcspn(b->account, "$");

    if (a->dn != NULL && b->dn != NULL)
        return strcasecmp(a->dn, b->dn) == 0;
    return len == other && strncasecmp(a->account, b->account, len) == 0;
}

void remark_begin(struct remark *out, struct standing *s, const char *cause, const char *spn)
{
    const char *slash = spn == NULL ? NULL : strchr(spn, '/');

    memset(out, 0, sizeof(*out));
    out->cause = cause;
    out->spn = spn;
    out->confidence = CONFIDENCE_POSSIBLE;
    out->judgement.arena = s->arena;
    out->attempt.spn = spn;
    out->attempt.spn_host = slash == NULL ? NULL : slash + 1;
    out->facts.a = &out->attempt;
    out->facts.arena = s->arena;
    out->facts.index = s->index;
    out->facts.joined = s->index->joined;
    out->cards.arena = s->arena;
    out->cards.facts = &out->facts;
}

static void *copy(struct arena *arena, const void *from, size_t num, size_t size)
{
    void *to = arena_take(arena, num, size);

    if (num > 0)
        memcpy(to, from, num * size);
    return to;
}

void remark_end(struct standing *s, struct remark *r)
{
    struct judgement *j = &r->judgement;
    struct finding *out;

    if (s->num == s->room) {
        s->room = s->room == 0 ? 16 : s->room * 2;
        s->at = memory_grow(s->at, s->room, sizeof(*s->at));
    }
    out = &s->at[s->num++];
    memset(out, 0, sizeof(*out));
    out->id = (int64_t)s->num; /* the order in which they were found, for ranking */
    out->cause = r->cause;
    out->informs = r->informs;
    out->confidence = r->informs ? CONFIDENCE_NONE : r->confidence;
    out->title = r->title;
    out->explanation = r->explanation;
    out->key_owner = r->key_owner;
    out->tried_by = r->tried_by;
    out->evidence_for = (struct statements){
        copy(s->arena, j->supports, j->num_supports, sizeof(j->supports[0])), j->num_supports};
    out->evidence_against = (struct statements){
        copy(s->arena, j->contradicts, j->num_contradicts, sizeof(j->contradicts[0])),
        j->num_contradicts};
    out->alternatives =
        copy(s->arena, r->alternatives, r->num_alternatives, sizeof(r->alternatives[0]));
    out->num_alternatives = r->num_alternatives;
    out->missing = copy(s->arena, j->missing, j->num_missing, sizeof(j->missing[0]));
    out->num_missing = j->num_missing;
    out->remedies = copy(s->arena, r->cards.at, r->cards.num, sizeof(r->cards.at[0]));
    out->num_remedies = r->cards.num;
}

static const char *or_old(struct remark *r, const char *account)
{
    return account == NULL ? "OLD-ACCOUNT" : card_account(&r->cards, account);
}

void remark_move_spn(struct remark *r, const char *spn, const char *from, const char *to)
{
    struct cards *cards = &r->cards;
    const char *old = or_old(r, from);
    const char *new = to == NULL ? "IIS-SERVER" : card_account(cards, to);
    struct remedy *card =
        card_add(cards, "Move %s from %s to %s%s", spn, from == NULL ? "its holder" : from,
                 to == NULL ? "the web server's computer account" : to,
                 from == NULL || to == NULL
                     ? " (replace OLD-ACCOUNT and IIS-SERVER by the names of your domain)"
                     : "");

    card_command(cards, card, "setspn -D {} {} & setspn -S {} {}", NAMES(spn, old, spn, new));
    card->who = domain_admin;
    card->breaks = arena_print(
        cards->arena,
        "whatever still opens tickets for %s as the old account: other sites, ports and "
        "applications of that name, and WinRM and kernel-mode sites where the name is the "
        "computer's own; cached tickets fail until they are purged or expire",
        spn);
    card->undo =
        command_fill(cards->arena, "setspn -D {} {} & setspn -S {} {}", NAMES(spn, new, spn, old));
    card_verify(cards, card);
    card->reference = "setspn; -D before -S, because -S refuses a duplicate; KB5008382";
}

void remark_remove_spn(struct remark *r, const char *spn, const char *account, const char *breaks)
{
    struct cards *cards = &r->cards;
    const char *old = or_old(r, account);
    struct remedy *card =
        card_add(cards, "Remove %s from %s%s", spn,
                 account == NULL ? "the account that does not run the service" : account,
                 account == NULL ? " (replace OLD-ACCOUNT by it)" : "");

    card_command(cards, card, "setspn -D {} {}", NAMES(spn, old));
    card->who = domain_admin;
    card->breaks = breaks;
    card->undo = command_fill(cards->arena, "setspn -S {} {}", NAMES(spn, old));
    card_verify(cards, card);
    card->reference = "setspn";
}

void standing_cut(struct standing *s, const char *cause, size_t num)
{
    struct remark r;

    if (num <= LIMIT_STANDING)
        return;
    remark_begin(&r, s, cause, NULL);
    r.title = arena_print(s->arena, "%d of this kind are listed; there are more", LIMIT_STANDING);
    r.explanation = "The list was cut. Repair these, export again, and look again.";
    if (strcmp(cause, "duplicate-spn") == 0)
        say_missing(&r.judgement, "all duplicates in the forest", "setspn -X -F");
    remark_end(s, &r);
}

void standing_find(struct standing *s)
{
    standing_sites(s);
    standing_directory(s);
    standing_events(s);
}

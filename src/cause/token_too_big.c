/* SPDX-License-Identifier: MIT */
/* The Authorization header is larger than the server takes. */
#include "cause/cause.h"

enum { NEAR_LIMIT = 12000 };

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    const struct http *reply = case_http(f->joined, a->reply);
    const struct http *request = case_http(f->joined, a->request);
    int64_t status = reply != NULL && reply->status.set ? reply->status.value : 0;

    if (a->outcome != OUTCOME_FAILED || request == NULL ||
        (status != 400 && status != 413 && status != 431))
        return;
    if (request->header_len < NEAR_LIMIT) {
        judge_undecided(j, 30);
    } else {
        judge_holds(j, 90);
        j->full_chain = true;
    }
    say_for(j, SEEN(a->request, a->reply),
            "the server answers %lld to a request whose header has %lld bytes, most of them the "
            "token",
            (long long)status, (long long)request->header_len);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)f;
    (void)arena;
    return "Nobody tried a key: the request was refused for its size. The token holds the user's "
           "groups, and this user has many.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card =
        card_add(cards, "Let the server take larger headers (IIS, HTTP.sys; then restart it)");

    (void)f;
    card->command =
        "reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters /v "
        "MaxFieldLength /t REG_DWORD /d 65534 /f & reg add "
        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters /v MaxRequestBytes "
        "/t REG_DWORD /d 16777216 /f";
    card->who = "an administrator of the web server; a restart is needed";
    card->breaks = "every request may use more memory";
    card->undo = "reg delete of both values, restart";
    card_verify(cards, card);
    card->reference = "HTTP.sys registry settings; MaxTokenSize on the clients";
    card = card_add(cards, "Or take the user out of groups that are not needed");
    card->command = "whoami /groups";
    card->who = "a domain administrator";
    card->breaks = "rights that came with the groups";
    card->undo = "add the user again";
    card_verify(cards, card);
}

const struct cause cause_token_too_big = {
    .id = "token-too-big",
    .title = "The token is larger than the server accepts",
    .shows =
        "An Authorization header near 16 KB and the answer 400 (Request Too Long), 413 or 431.",
    .against = "A small header; a 401.",
    .settled_by = "The length of the header; the number of groups of the user.",
    .fix = "MaxFieldLength and MaxRequestBytes of HTTP.sys, MaxTokenSize, fewer groups.",
    .reference = "HTTP.sys registry settings",
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 70,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};

/* SPDX-License-Identifier: MIT */
#include "cause/cards.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

static const char placeholder[] = "SERVICE-ACCOUNT";
static const char domain_admin[] =
    "a domain administrator (since KB5008382 also where only HOST/ of another account implies the "
    "SPN), or somebody with the right to write servicePrincipalName of that account";

struct remedy *card_add(struct cards *cards, const char *format, ...)
{
    struct text text = {0};
    struct remedy *card = &cards->at[cards->num < CARDS_MAX ? cards->num++ : CARDS_MAX - 1];
    va_list args;

    memset(card, 0, sizeof(*card));
    va_start(args, format);
    text_vputf(&text, format, args);
    va_end(args);
    card->what = arena_text(cards->arena, bytes_of_text(text_str(&text)));
    text_clear(&text);
    return card;
}

static bool is_safe(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._$:/@-";

    return name != NULL && name[0] != '\0' && name[0] != '-' && name[strspn(name, allowed)] == '\0';
}

const char *command_fill(struct arena *arena, const char *pattern, const char *const *names)
{
    struct text text = {0};
    const char *out = NULL, *at;
    size_t used = 0;

    for (at = pattern; *at != '\0'; at++) {
        if (at[0] != '{' || at[1] != '}') {
            text_put_char(&text, *at);
            continue;
        }
        if (!is_safe(names[used])) {
            text_clear(&text);
            return NULL;
        }
        text_put(&text, names[used++]);
        at++;
    }
    out = arena_text(arena, bytes_of_text(text_str(&text)));
    text_clear(&text);
    return out;
}

void card_command(struct cards *cards, struct remedy *card, const char *pattern,
                  const char *const *names)
{
    card->command = command_fill(cards->arena, pattern, names);
    if (card->command == NULL)
        card->what = arena_print(cards->arena,
                                 "%s (no command is offered: a name of this case holds characters "
                                 "that are not safe to type)",
                                 card->what);
}

void card_verify(struct cards *cards, struct remedy *card)
{
    const char *command = cards->facts->a->spn == NULL ? NULL
                                                       : command_fill(cards->arena, "klist get {}",
                                                                      NAMES(cards->facts->a->spn));

    card->verify = command == NULL
                       ? "klist purge on the client, then log on to the service again"
                       : arena_print(cards->arena,
                                     "klist purge, then %s on the client, then try again", command);
}

const char *card_account(struct cards *cards, const char *account)
{
    size_t len;

    if (account == NULL)
        return placeholder;
    len = strlen(account);
    if (len > 1 && account[len - 1] == '$')
        return arena_text(cards->arena, (struct bytes){(const uint8_t *)account, len - 1});
    return account;
}

static const char *note_placeholder(const char *account)
{
    return account == NULL ? "; replace SERVICE-ACCOUNT by the account that the service runs as"
                           : "";
}

const char *card_holder(const struct cards *cards)
{
    const struct evidence *ev = &cards->facts->ev;

    if (ev->owner != NULL && ev->owner->form == OWNER_SPN)
        return ev->owner->account_guessed ? NULL : ev->owner->account;
    return ev->owner == NULL ? ev->opener : NULL;
}

/* The one account that holds this very SPN; it has to lose it before -S. */
static const char *known_holder(const struct cards *cards, const char *spn)
{
    return spn != NULL && spn == cards->facts->a->spn ? card_holder(cards) : NULL;
}

void card_add_spn(struct cards *cards, const char *spn, const char *account)
{
    const char *holder = known_holder(cards, spn);
    struct remedy *card;

    if (holder != NULL && (account == NULL || !account_equal(holder, account))) {
        card_move_spn(cards, spn, account);
        return;
    }
    card = card_add(cards, "Register %s on %s%s", spn == NULL ? "the SPN" : spn,
                    account == NULL ? "the account that runs the service" : account,
                    note_placeholder(account));

    card_command(cards, card, "setspn -S {} {}", NAMES(spn, card_account(cards, account)));
    card->who = domain_admin;
    card->breaks = "whatever else on that host uses the same SPN with another account stops "
                   "working: WinRM and sites in kernel mode need HTTP/ of the computer's own names "
                   "on the computer";
    card->undo =
        command_fill(cards->arena, "setspn -D {} {}", NAMES(spn, card_account(cards, account)));
    card_verify(cards, card);
    card->reference = "setspn (-S looks for duplicates first); KB5008382";
}

void card_move_spn(struct cards *cards, const char *spn, const char *account)
{
    const char *known = known_holder(cards, spn);
    const char *holder =
        known != NULL && account != NULL && account_equal(known, account) ? NULL : known;
    const char *old = holder == NULL ? "OLD-ACCOUNT" : card_account(cards, holder);
    struct remedy *card = card_add(
        cards, "Move %s to %s: %s%s, then register it (-S)%s%s", spn == NULL ? "the SPN" : spn,
        account == NULL ? "the account that runs the service" : account,
        holder == NULL ? "find who holds it, take it away there (-D)" : "take it away from ",
        holder == NULL ? "" : arena_print(cards->arena, "%s (-D)", holder),
        note_placeholder(account),
        holder == NULL ? "; replace OLD-ACCOUNT by the holder that the first command shows" : "");

    card_command(cards, card, "setspn -F -Q {} & setspn -D {} {} & setspn -S {} {}",
                 NAMES(spn, spn, old, spn, card_account(cards, account)));
    card->who = domain_admin;
    card->breaks = "services that run as the old account under this name; tickets that are cached "
                   "fail until they are purged or expire";
    card->undo = command_fill(cards->arena, "setspn -D {} {} & setspn -S {} {}",
                              NAMES(spn, card_account(cards, account), spn, old));
    card_verify(cards, card);
    card->reference = "setspn; order -D before -S, because -S refuses a duplicate";
}

void card_pool_credentials(struct cards *cards)
{
    struct remedy *card = card_add(
        cards,
        "IIS: let the application pool's account open the tickets while kernel mode stays on; "
        "replace SITE by the site's name");

    card->command = "%windir%\\system32\\inetsrv\\appcmd.exe set config SITE "
                    "-section:system.webServer/security/authentication/windowsAuthentication "
                    "/useAppPoolCredentials:true /commit:apphost";
    card->who = "an administrator of the web server";
    card->breaks = "names of this site whose SPN is on the computer: they need their SPN on the "
                   "pool's account then";
    card->undo = "%windir%\\system32\\inetsrv\\appcmd.exe set config SITE "
                 "-section:system.webServer/security/authentication/windowsAuthentication "
                 "/useAppPoolCredentials:false /commit:apphost";
    card_verify(cards, card);
    card->reference = "IIS 7 and later, windowsAuthentication, useAppPoolCredentials";
}

void card_purge(struct cards *cards)
{
    struct remedy *card = card_add(cards, "Throw away the client's cached tickets; for services "
                                          "that run as LocalSystem also those of logon 0x3e7");

    card->command = "klist purge & klist -li 0x3e7 purge";
    card->who = "the user on the client; the second part needs an administrator";
    card->breaks = "nothing: tickets are fetched again";
    card->undo = "none needed";
    card_verify(cards, card);
    card->reference = "klist; on Linux and macOS: kdestroy, then kinit";
}

void card_machine_password(struct cards *cards, const char *computer)
{
    struct remedy *card =
        card_add(cards,
                 "Repair the computer's own password on %s (PowerShell; not on a domain "
                 "controller)",
                 computer == NULL ? "the server" : computer);

    card->command = "Test-ComputerSecureChannel -Repair -Credential (Get-Credential)";
    card->who = "a local administrator of that server, with an account that may reset the computer "
                "account";
    card->breaks = "nothing that works; on a Linux member the keytab has to be written anew (adcli "
                   "update, net ads keytab create)";
    card->undo = "none: the password is new on both sides";
    card->verify = "nltest /sc_verify:DOMAIN on the server, then klist purge on the client";
    card->reference = "Test-ComputerSecureChannel; netdom resetpwd; nltest /sc_query does not test "
                      "the password";
}

void card_service_password(struct cards *cards, const char *account, bool web)
{
    struct remedy *card =
        card_add(cards, "Give the service the present password of %s and restart it; replace %s",
                 account == NULL ? "its account" : account,
                 web ? "POOL by the application pool (IIS: recycling is enough)"
                     : "SERVICE by its name (sc query lists them)");

    card->command =
        web ? "%windir%\\system32\\inetsrv\\appcmd.exe set apppool POOL "
              "/processModel.password:NEW-PASSWORD & %windir%\\system32\\inetsrv\\appcmd.exe "
              "recycle "
              "apppool POOL"
            : "sc config SERVICE password= NEW-PASSWORD & net stop SERVICE & net start SERVICE";
    card->who = "an administrator of the server who knows the password";
    card->breaks = "sessions of the service end with the restart; other services under the same "
                   "account need the new password too";
    card->undo = "none needed";
    card_verify(cards, card);
    card->reference = "a keytab has to be written anew (ktpass, ktutil)";
}

/* SPDX-License-Identifier: MIT */
/* What would settle a case, with the command that gets it. */
#include "cause/cards.h"

#include <string.h>

/* "iis01" of "iis01.test.com". */
static const char *label_of(const struct facts *f, const char *host)
{
    return arena_text(f->arena, (struct bytes){(const uint8_t *)host, strcspn(host, ".")});
}

void miss_owners(const struct facts *f, struct judgement *j)
{
    const char *host = f->a->spn_host, *command;

    if (host == NULL)
        return;
    command = command_fill(f->arena, "setspn -F -Q */{} & setspn -F -Q */{}",
                           NAMES(host, label_of(f, host)));
    say_missing(j,
                arena_print(f->arena,
                            "who holds %s and HOST/%s, in the whole forest and for the short name "
                            "too (a query for the one SPN alone shows neither the HOST/ owner nor "
                            "a userPrincipalName)",
                            facts_spn(f), host),
                command);
    command = command_fill(f->arena,
                           "ldifde -t 3268 -r \"(userPrincipalName={}*)\" -l "
                           "userPrincipalName,servicePrincipalName -f upn.ldf",
                           NAMES(f->a->spn));
    say_missing(j,
                "an account whose userPrincipalName equals the SPN: it wins over every "
                "servicePrincipalName",
                command);
}

void miss_dns(const struct facts *f, struct judgement *j)
{
    (void)f;
    say_missing(j,
                "the client's name lookups: empty its caches, then capture from before the "
                "connection starts",
                "ipconfig /flushdns & klist purge");
    say_missing(j, "names that the client has from its hosts file or its cache",
                "ipconfig /displaydns & type %windir%\\system32\\drivers\\etc\\hosts");
}

void miss_ticket(const struct facts *f, struct judgement *j)
{
    (void)f;
    say_missing(j,
                "the exchange with the domain controller that gave the ticket: purge the "
                "tickets, then capture from before the first request",
                "klist purge");
}

void miss_server_side(const struct facts *f, struct judgement *j)
{
    (void)f;
    say_missing(j, "a capture on the server at the same time, with full frames",
                "netsh trace start capture=yes tracefile=server.etl maxsize=512");
}

void miss_iis(const struct facts *f, struct judgement *j)
{
    if (!f->web)
        return;
    say_missing(j, "the site's authentication settings and the identity of its application pool",
                "%windir%\\system32\\inetsrv\\appcmd.exe list config "
                "-section:system.webServer/security/authentication/windowsAuthentication & "
                "%windir%\\system32\\inetsrv\\appcmd.exe list apppool /text:*");
}

void miss_event_log(const struct facts *f, struct judgement *j)
{
    (void)f;
    say_missing(j,
                "the client's own account of it: turn on Kerberos event logging (undo: the same "
                "command with /d 0), try again, and look for Event ID 4 in the System log",
                "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Parameters /v "
                "LogLevel /t REG_DWORD /d 1 /f");
}

void miss_keytab(const struct facts *f, struct judgement *j)
{
    (void)f;
    say_missing(j,
                "the entries of the service's keytab: principals, key versions, encryption "
                "types",
                "klist -kte");
}

void miss_password(const struct facts *f, struct judgement *j)
{
    bool computer = f->named == NAMED_COMPUTER || (f->named != NAMED_USER && f->own_name);
    const char *realm = f->tried_realm != NULL ? f->tried_realm
                        : f->a->ticket != NULL ? f->a->ticket->realm
                                               : NULL;
    const char *verify =
        realm == NULL ? NULL : command_fill(j->arena, "nltest /sc_verify:{}", NAMES(realm));

    if (computer)
        say_missing(j,
                    "whether the server's own password agrees with the directory (run on the "
                    "server; sc_query would not test it)",
                    verify == NULL ? "nltest /sc_verify:DOMAIN" : verify);
    say_missing(j,
                "when the password of the account was last changed, and where (replace "
                "ACCOUNT-DN)",
                "repadmin /showobjmeta * ACCOUNT-DN");
}

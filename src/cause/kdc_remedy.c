/* SPDX-License-Identifier: MIT */
/* Commands by the KDC's error code. Sources: RFC 4120, 7.5.9; [MS-KILE] 3.3.5; Microsoft Learn,
 * "4768(S, F): A Kerberos authentication ticket (TGT) was requested" and "4771(F): Kerberos
 * pre-authentication failed" (which failure code comes of which state of an account), the reference
 * of the ActiveDirectory module, certutil, nltest, dcdiag; MIT Kerberos documentation,
 * "Administration guide", kadmin and "Troubleshooting". */
#include "cause/kdc_remedy.h"

#include <string.h>

enum about {
    ABOUT_NOTHING,
    ABOUT_CLIENT,  /* the account's name */
    ABOUT_SERVICE, /* the SPN; at a log-on the client */
};

/* {} in commands is the name. NULL: none. */
static const struct row {
    int64_t code;
    enum about about;
    const char *what, *command; /* Active Directory */
    const char *client_command; /* in place of it where the SPN is not what it is about */
    const char *mit;            /* the same on an MIT KDC */
    const char *verify;
} rows[] = {
    {1, ABOUT_CLIENT, "See when the account expires; Clear-ADAccountExpiration lifts that",
     "Get-ADUser {} -Properties AccountExpirationDate,Enabled", NULL, "kadmin -q \"getprinc {}\"",
     "AccountExpirationDate is empty, or to come"},
    {2, ABOUT_SERVICE, "See whether the account that holds the SPN has expired",
     "Get-ADObject -LDAPFilter \"(servicePrincipalName={})\" -Properties accountExpires", NULL,
     "kadmin -q \"getprinc {}\"", "accountExpires is 0 or 9223372036854775807, or to come"},
    {6, ABOUT_CLIENT, "Look for the account in the whole forest, by its name and by its UPN",
     "Get-ADObject -LDAPFilter \"(|(sAMAccountName={})(userPrincipalName={}@*))\" -Server "
     "($env:USERDNSDOMAIN + ':3268')",
     NULL, "kadmin -q \"getprinc {}\"",
     "one object; its domain is the realm that the client asked, and it is not deleted"},
    {9, ABOUT_CLIENT, "Set the account's password again, so that it has keys",
     "Set-ADAccountPassword {} -Reset", NULL, "kadmin -q \"cpw {}\"", "the log-on works"},
    {12, ABOUT_CLIENT,
     "See which policy forbids it: log-on hours, workstations, authentication policy or silo",
     "Get-ADUser {} -Properties LogonHours,LogonWorkstations,AuthenticationPolicy,"
     "AuthenticationPolicySilo,MemberOf",
     NULL, "kadmin -q \"getprinc {}\"", "none of them excludes this computer or this hour"},
    {13, ABOUT_SERVICE, "See who may delegate to the service's account",
     "Get-ADObject -LDAPFilter \"(servicePrincipalName={})\" -Properties "
     "msDS-AllowedToActOnBehalfOfOtherIdentity,msDS-AllowedToDelegateTo,userAccountControl",
     NULL, "kadmin -q \"getprinc {}\"",
     "the front end is named there, or the SPN in its msDS-AllowedToDelegateTo"},
    {14, ABOUT_SERVICE,
     "Compare the encryption types of the account with those that were asked for; with a password "
     "older than the domain's AES keys, set it again",
     "Get-ADObject -LDAPFilter \"(servicePrincipalName={})\" -Properties "
     "msDS-SupportedEncryptionTypes,pwdLastSet",
     "Get-ADObject -LDAPFilter \"(sAMAccountName={})\" -Properties "
     "msDS-SupportedEncryptionTypes,pwdLastSet",
     "kadmin -q \"getprinc {}\"",
     "msDS-SupportedEncryptionTypes has 8 (AES128) or 16 (AES256) in it, or is empty"},
    {16, ABOUT_NOTHING, "Verify the certificates of the domain controllers (smart card log-on)",
     "certutil -dcinfo verify", NULL, NULL, "every domain controller has one that verifies"},
    {18, ABOUT_CLIENT,
     "See whether the account is disabled, locked or expired; Unlock-ADAccount or "
     "Enable-ADAccount lift it",
     "Get-ADUser {} -Properties Enabled,LockedOut,AccountExpirationDate,LogonHours", NULL,
     "kadmin -q \"getprinc {}\"", "Enabled is True, LockedOut is False"},
    {19, ABOUT_SERVICE, "See whether the account that holds the SPN is disabled",
     "Get-ADObject -LDAPFilter \"(servicePrincipalName={})\" -Properties userAccountControl", NULL,
     "kadmin -q \"getprinc {}\"", "userAccountControl has no 2 (ACCOUNTDISABLE) in it"},
    {20, ABOUT_NOTHING, "Log on again, so that the client gets a new ticket-granting ticket",
     "klist purge", NULL, "kdestroy", "klist tgt"},
    {23, ABOUT_CLIENT,
     "Change the password (the user: Ctrl+Alt+Del), or set it as an administrator",
     "Set-ADAccountPassword {} -Reset", NULL, "kpasswd {}", "the log-on works"},
    {24, ABOUT_CLIENT,
     "See when the password was set and last given wrong: by the user, or by a service, a task or "
     "a keytab that still has the old one",
     "Get-ADUser {} -Properties PasswordLastSet,LastBadPasswordAttempt,BadLogonCount,LockedOut",
     "Get-ADObject -LDAPFilter \"(sAMAccountName={})\" -Properties pwdLastSet,badPasswordTime,"
     "badPwdCount,lockoutTime",
     "kinit {}", "LastBadPasswordAttempt stays where it is after a log-on"},
    {27, ABOUT_SERVICE, "See which account holds the SPN: it has to be one that may be a service",
     "setspn -F -Q {}", NULL, NULL, "a computer, a managed account or a service's user"},
    {28, ABOUT_NOTHING, "See which trusts there are, and whether the path is among them",
     "nltest /domain_trusts /all_trusts /v", NULL, NULL, "every domain of the path is listed"},
    {29, ABOUT_NOTHING, "See what the domain controller itself lacks",
     "dcdiag /test:Services /test:Advertising /test:Replications", NULL, NULL, "all tests pass"},
    {60, ABOUT_NOTHING, "Read the KDC's own log at that time, on the domain controller",
     "wevtutil qe System /q:\"*[System[Provider[@Name="
     "'Microsoft-Windows-Kerberos-Key-Distribution-Center']]]\" /c:20 /rd:true /f:text",
     NULL, NULL, "an event at the time of the error"},
    {62, ABOUT_NOTHING, "Verify the certificates of the domain controllers",
     "certutil -dcinfo verify", NULL, NULL, "every domain controller has one that verifies"},
    {63, ABOUT_NOTHING, "Verify the certificates of the domain controllers",
     "certutil -dcinfo verify", NULL, NULL, "every domain controller has one that verifies"},
    {66, ABOUT_CLIENT, "See to which certificate the account is mapped (KB5014754)",
     "Get-ADUser {} -Properties altSecurityIdentities,userPrincipalName", NULL, NULL,
     "the certificate's SID, or a strong mapping"},
    {75, ABOUT_CLIENT, "See to which certificate the account is mapped (KB5014754)",
     "Get-ADUser {} -Properties altSecurityIdentities,userPrincipalName", NULL, NULL,
     "the certificate's SID, or a strong mapping"},
};

static const struct row *find(int64_t code)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].code == code)
            return &rows[i];
    return NULL;
}

/* The client's name without its realm; NULL: not seen. */
static const char *client_of(const struct facts *f)
{
    const char *principal = f->a->client_principal;

    if (principal == NULL || principal[0] == '\0' || principal[0] == '@')
        return NULL;
    return arena_text(f->arena,
                      (struct bytes){(const uint8_t *)principal, strcspn(principal, "@")});
}

static void add(struct cards *cards, const char *what, const char *command, const char *name,
                const char *verify)
{
    struct remedy *card = card_add(cards, "%s%s", what,
                                   name == NULL && strstr(command, "{}") != NULL
                                       ? " (replace YOUR-ACCOUNT by the account that logs on: "
                                         "klist or whoami shows it, the capture does not)"
                                       : "");
    const char *typed = name == NULL ? "YOUR-ACCOUNT" : name;
    bool changes = strstr(command, "Set-ADAccountPassword") != NULL ||
                   strstr(command, "cpw") != NULL || strstr(command, "kpasswd") != NULL;

    card_command(cards, card, command, NAMES(typed, typed));
    card->who = command[0] == 'k' ? "the user, or an administrator of the realm"
                                  : "any domain user may look, a domain administrator changes";
    card->breaks = changes ? "whatever still logs on with the old password" : "nothing";
    card->undo = changes ? "none: the old password is gone" : "none needed";
    card->verify = verify;
    card->reference = "RFC 4120, 7.5.9; Microsoft Learn, events 4768 and 4771; MIT kadmin";
}

/* What is typed for the client's account: computers are no users. */
static const char *client_command(const struct row *row, const char *name)
{
    bool computer = index_is_machine(name);

    if (row->client_command != NULL && (computer || row->about == ABOUT_SERVICE))
        return row->client_command;
    return computer && strncmp(row->command, "Get-ADUser", 10) == 0
               ? "Get-ADComputer {} -Properties *"
               : row->command;
}

void kdc_remedy(const struct facts *f, int64_t code, struct cards *cards)
{
    const struct row *row = find(code);
    bool log_on = f->a->tgs.request == 0;
    const char *name = NULL, *command;

    if (row == NULL)
        return;
    command = row->command;
    if (row->about == ABOUT_CLIENT || (log_on && row->client_command != NULL)) {
        name = client_of(f);
        command = client_command(row, name);
    } else if (row->about == ABOUT_SERVICE) {
        name = f->a->spn;
    }
    add(cards, row->what, command, name, row->verify);
    if (row->mit != NULL)
        add(cards, "The same on an MIT KDC", row->mit, name,
            "the principal is there, neither locked nor expired, with keys of the types asked "
            "for");
}

/* SPDX-License-Identifier: MIT */
/* RFC 4120, 7.5.9, and what Windows and MIT make of it (MS-KILE 2.2, 3.3). */
#include "cause/errors.h"

#include <stddef.h>

const struct error_text error_texts[] = {
    {1, "the client's account has expired", "look at the expiry date of the user's account", NULL},
    {2, "the service's account has expired", "look at the account that holds the SPN", NULL},
    {3, "the KDC does not speak this version of the protocol",
     "look for a proxy or another service on the KDC's port", NULL},
    {6, "the KDC knows no such client",
     "check the user's name and realm; the account may be deleted, or in another domain", NULL},
    {7, "the KDC knows no account for this service name, or more than one",
     "find the owners first: with several, registering it again would add another", "setspn -X -F"},
    {8, "the name stands for more than one account",
     "remove it from all but the account that runs the service", "setspn -X -F"},
    {9, "the account has no key", "set its password again", NULL},
    {12, "a policy forbids this log-on or this ticket",
     "look at log-on hours, workstations, authentication policies and silos, selective "
     "authentication of a trust",
     NULL},
    {13,
     "the KDC cannot grant an option that was asked for; with a ticket of a user attached: "
     "delegation is not allowed",
     "look at the constrained delegation of the front end's account (msDS-AllowedToDelegateTo, "
     "resource-based delegation), and at sensitive or protected users",
     NULL},
    {14, "no encryption type is common to the client, the KDC and the account",
     "compare the etypes asked for with msDS-SupportedEncryptionTypes of the account; reset its "
     "password so that it gets AES keys",
     NULL},
    {15, "the KDC does not support this checksum", "update the client", NULL},
    {16, "the KDC does not support this kind of pre-authentication",
     "smart card log-on: the KDC has no fitting certificate, or cannot build the chain",
     "certutil -dcinfo verify"},
    {18, "the account is disabled, locked or expired, or its log-on hours are over",
     "look at the account", NULL},
    {19, "the service's account is disabled", "look at the account that holds the SPN", NULL},
    {20, "the ticket-granting ticket was revoked", "log on again", "klist purge"},
    {21, "the account is not valid yet", "look at the account and the clocks", NULL},
    {22, "the service's account is not valid yet", "look at the account and the clocks", NULL},
    {23, "the password has expired", "change the password", NULL},
    {24, "pre-authentication failed: the password is wrong",
     "log on again with the right password; for a computer or service account compare the password "
     "that it keeps with the directory: this error is near proof that they are out of step",
     NULL},
    {25, "the KDC asks for pre-authentication: a normal step",
     "nothing, unless no second request follows", NULL},
    {26, "ticket and server name do not match", "ask for the ticket again", "klist purge"},
    {27, "the service's account may only be used user-to-user",
     "register the SPN on an account that may be a service (the KDC gives no tickets for this one, "
     "or only user-to-user)",
     NULL},
    {28, "the path through the realms is not accepted", "look at the trusts and at capaths", NULL},
    {29, "the KDC could not reach a service that it needs",
     "look at the domain controller: its services, other controllers, RODC to writable controller",
     NULL},
    {31, "a message could not be decrypted or its checksum is wrong",
     "find out which keys are out of step: the service's; or, where a KDC says it, those of the "
     "ticket-granting ticket or of the trust",
     NULL},
    {32, "the ticket has expired", "compare the clocks; fetch a new ticket", "klist purge"},
    {33, "the ticket is not valid yet", "compare the clocks of the KDC and the server",
     "w32tm /query /status"},
    {34, "the request was seen before (replay)",
     "look for a duplicated packet, a load balancer that repeats requests, or a service account "
     "shared by several servers on one host",
     NULL},
    {35, "the ticket is not for this service: it has no key for that name",
     "find out which account runs the service and which holds the SPN", "klist -kte"},
    {36, "ticket and authenticator do not match", "fetch the ticket again", "klist purge"},
    {37, "the clocks are too far apart", "set the clock that is wrong", "w32tm /resync"},
    {38, "the ticket is bound to another network address",
     "NAT between client and service: ask for tickets without addresses", NULL},
    {39, "protocol version mismatch", "look for a proxy in the path", NULL},
    {40, "unexpected message type", "look for a proxy in the path", NULL},
    {41,
     "what was sent could not be decrypted: the ticket was made with another key than the one the "
     "service tried, or the message was changed on the way",
     "find out whose key made the ticket, and who tried", "setspn -X -F"},
    {42, "a message came out of order", "look for a proxy or a load balancer", NULL},
    {44, "the service has keys for this name, but not of this version or encryption type",
     "compare the kvno and etype of the ticket with the keytab", "klist -kte"},
    {45, "the service has no key", "look at the keytab", "klist -kte"},
    {46, "mutual authentication failed", "the server is not who it says, or keys differ", NULL},
    {47, "wrong direction of a message", "look for a proxy in the path", NULL},
    {48, "another method of authentication is required", "look at the KDC's policy", NULL},
    {49, "a sequence number is wrong", "look for lost or repeated packets", NULL},
    {50, "the checksum is of a kind that is not accepted", "update the client", NULL},
    {51, "a policy of the realm forbids it", "look at the trusts", NULL},
    {52, "the answer is too big for UDP: a normal step, TCP follows",
     "nothing, unless TCP to port 88 is blocked", NULL},
    {60, "an error without a code of its own; Windows describes it by an NTSTATUS in e-data",
     "look up the NTSTATUS where one is shown, else the KDC's own log at that time", NULL},
    {61, "a field is too long for this implementation", "update the software", NULL},
    {62, "the client does not trust the KDC's certificate", "look at the certificate chain", NULL},
    {63, "the KDC is not trusted", "look at the KDC's certificate", NULL},
    {64, "a signature is not valid", "look at the client's certificate", NULL},
    {65, "the key is too weak", "look at the Diffie-Hellman parameters", NULL},
    {66, "the client's certificate does not match", "look at the mapping of the certificate", NULL},
    {67, "no ticket-granting ticket was given (user-to-user)", "look at the service's account",
     NULL},
    {68, "the client is in another realm: a normal referral", "nothing, unless nothing follows",
     NULL},
    {69, "user-to-user is required", "look at the service's account", NULL},
    {70, "the certificate cannot be verified", "look at the chain and the revocation lists", NULL},
    {71, "the certificate is not valid", "look at the certificate", NULL},
    {72, "the certificate is revoked", "issue a new one", NULL},
    {73, "the revocation status is unknown", "make the revocation list reachable", NULL},
    {74, "the revocation server cannot be reached", "make it reachable", NULL},
    {75, "the name in the certificate does not match the client",
     "look at the mapping of the certificate", NULL},
    {76, "the name in the KDC's certificate does not match", "look at the KDC's certificate", NULL},
    {-1, NULL, NULL, NULL},
};

const struct error_text *error_find(int64_t code)
{
    size_t i;

    for (i = 0; error_texts[i].code >= 0; i++)
        if (error_texts[i].code == code)
            return &error_texts[i];
    return NULL;
}

/* SPDX-License-Identifier: MIT */
/* Numbers: winerror.h and ntstatus.h (MS-ERREF 2.1, 2.2, 2.3). */
#include "cause/symptoms.h"

#include <stddef.h>

#define KEYS                                                                                       \
    "cname-spn,spn-wrong-account,duplicate-spn,http-shadows-host,upn-shadows-spn,wrong-host,"      \
    "stale-service-password,stale-machine-account,stale-ticket"

const struct symptom symptoms[] = {
    {0x80090322, "SEC_E_WRONG_PRINCIPAL",
     "target principal name is incorrect|target account name is incorrect|wrong principal",
     "The client got KRB_AP_ERR_MODIFIED (41): the ticket was made with another account's key than "
     "the one the service used. Between domain controllers (as -2146893022, in replication) it is "
     "most often a controller whose own password is out of step.",
     KEYS ",dc-own-password"},
    {1396, "ERROR_WRONG_TARGET_NAME", "logon failure: the target account name is incorrect",
     "The same as SEC_E_WRONG_PRINCIPAL, said by SMB and RPC: KRB_AP_ERR_MODIFIED (41).",
     KEYS ",dc-own-password,same-name-two-domains"},
    {0, "Cannot generate SSPI context", "cannot generate sspi context",
     "A SQL Server client could not log on with Kerberos and could not fall back: the ticket for "
     "MSSQLSvc/ was refused (41), or the KDC found several owners of the SPN, or the clocks "
     "differ.",
     "sql-spn,duplicate-spn,spn-wrong-account,stale-service-password,clock-skew"},
    {8647, "ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST",
     "spn value provided for addition/modification is not unique",
     "setspn or the directory refused to register an SPN that another account holds already "
     "(0x21C7). Find the holder with setspn -F -Q SPN, remove it there with -D, then register it "
     "with -S.",
     "duplicate-spn,spn-wrong-account"},
    {8648, "ERROR_DS_UPN_VALUE_NOT_UNIQUE_IN_FOREST",
     "upn value provided for addition/modification is not unique",
     "The directory refused a userPrincipalName that another account has already.",
     "upn-shadows-spn"},
    {0x80090303, "SEC_E_TARGET_UNKNOWN",
     "the specified target is unknown or unreachable|server not found in kerberos database",
     "The KDC knows no account for the SPN, or several: error 7 "
     "(KDC_ERR_S_PRINCIPAL_UNKNOWN).",
     "ntlm-fallback,kdc-error,duplicate-spn"},
    {0x80090324, "SEC_E_TIME_SKEW", "clock skew too great|clocks on the client and server machines",
     "The clocks are more than five minutes apart: error 37.", "clock-skew"},
    {1398, "ERROR_TIME_SKEW", "time and/or date difference between the client and server",
     "The clocks are more than five minutes apart: error 37.", "clock-skew"},
    {0x80090346, "SEC_E_BAD_BINDINGS", "channel bindings|data 80090346",
     "The log-on does not belong to the TLS connection it arrived on (Extended Protection, LDAP "
     "channel binding).",
     "channel-binding"},
    {0xC000035B, "STATUS_BAD_BINDINGS", "",
     "The log-on does not belong to the TLS connection it arrived on.", "channel-binding"},
    {0x8009030C, "SEC_E_LOGON_DENIED", "the logon attempt failed",
     "The server refused the log-on; behind Samba and LDAP this is also what a ticket looks like "
     "that could not be opened.",
     KEYS},
    {0xC000006D, "STATUS_LOGON_FAILURE", "nt_status_logon_failure|data 52e",
     "The server refused the log-on. It reads like a wrong password; Samba and LDAP servers say it "
     "also when they cannot open a ticket.",
     KEYS ",linux-rotation"},
    {1326, "ERROR_LOGON_FAILURE", "user name or password is incorrect",
     "The server refused the log-on. Samba and LDAP servers say it also when they cannot open a "
     "ticket.",
     KEYS},
    {0x8009030E, "SEC_E_NO_CREDENTIALS", "no credentials are available|no kerberos credentials",
     "The client has no ticket-granting ticket and no password to get one with.", "kdc-error"},
    {0x80090311, "SEC_E_NO_AUTHENTICATING_AUTHORITY",
     "no authority could be contacted|cannot contact any kdc",
     "No domain controller could be reached.", "ntlm-fallback,kdc-error"},
    {1311, "ERROR_NO_LOGON_SERVERS", "there are currently no logon servers",
     "No domain controller could be reached.", "kdc-error"},
    {0xC000005E, "STATUS_NO_LOGON_SERVERS", "", "No domain controller could be reached.",
     "kdc-error"},
    {0x80090331, "SEC_E_ALGORITHM_MISMATCH", "do not possess a common algorithm",
     "Client and server have no algorithm in common.", "etype-mismatch"},
    {0x80090342, "SEC_E_KDC_UNKNOWN_ETYPE",
     "encryption type requested is not supported by the kdc|kdc has no support for encryption type",
     "The KDC has no encryption type in common with the client or the account: error 14.",
     "etype-mismatch,kdc-error"},
    {1397, "ERROR_MUTUAL_AUTH_FAILED", "mutual authentication failed",
     "The server could not prove who it is: it could not open the ticket, or another server "
     "answered.",
     KEYS},
    {1789, "ERROR_TRUSTED_RELATIONSHIP_FAILURE",
     "trust relationship between this workstation and the primary domain failed",
     "The computer's own password is out of step with the directory.", "stale-machine-account"},
    {0xC0000133, "STATUS_TIME_DIFFERENCE_AT_DC", "",
     "The clocks of the client and the domain controller differ too much.", "clock-skew"},
    {0, "Message stream modified", "message stream modified",
     "MIT Kerberos and Java say this for error 41, and also when the KDC's reply names the realm "
     "in "
     "other letters than the request: then nothing of it is on the wire.",
     "client-local," KEYS},
    {0, "Key version is not available",
     "specified version of key is not available|key version number for principal in key table is "
     "incorrect|kvno|cannot find key for kvno",
     "The keytab has the name, and not the key version of the ticket: error 44.",
     "stale-service-password,stale-machine-account,stale-ticket,replication-lag,linux-rotation"},
    {0, "Request ticket server not found in keytab",
     "not found in keytab|wrong principal in request|no key table entry found",
     "The keytab has no entry for the ticket's name: error 35.",
     "cname-spn,spn-wrong-account,duplicate-spn,wrong-host,rdns-spn"},
    {0, "Decrypt integrity check failed",
     "decrypt integrity check failed|checksum failed|integrity check on decrypted field failed",
     "There is a key of this name, version and type, and it is another one: error 31.",
     "stale-service-password,stale-machine-account,keytab-salt,spn-wrong-account,"
     "altered-in-transit"},
    {0, "Cannot find key of appropriate type",
     "cannot find key of appropriate type|no supported encryption types|encryption type not in",
     "The keytab has the name and no key of the ticket's encryption type.", "etype-mismatch"},
    {0, "Request Too Long",
     "request too long|request header too long|header fields too large|"
     "size of the request headers is too long",
     "The server refused the request for the size of its header; a token with many groups fills "
     "it.",
     "token-too-big"},
    {0, NULL, NULL, NULL, NULL},
};

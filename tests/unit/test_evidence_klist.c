/* SPDX-License-Identifier: MIT */
#include "unit/evidence_check.h"

#define TICKET(line, client, server, etype, kvno, start, end, kdc)                                 \
    FACT("cached-ticket", line,                                                                    \
         "\"client\":\"" client "\",\"server\":\"" server "\",\"etype\":" etype ",\"kvno\":" kvno  \
         ",\"start\":\"" start "\",\"end\":\"" end "\",\"kdc\":" kdc)
#define KEY(line, principal, kvno, etype)                                                          \
    FACT("key", line, "\"principal\":\"" principal "\",\"kvno\":" #kvno ",\"etype\":" #etype)

static const char windows[] = "\r\nCurrent LogonId is 0:0x3e7\r\n\r\nCached Tickets: (2)\r\n\r\n"
                              "#0>\tClient: web$ @ TEST.COM\r\n"
                              "\tServer: krbtgt/TEST.COM @ TEST.COM\r\n"
                              "\tKerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\r\n"
                              "\tTicket Flags 0x40e10000 -> forwardable renewable initial "
                              "pre_authent name_can\r\nonicalize\r\n"
                              "\tStart Time: 1/2/2024 3:04:05 (local)\r\n"
                              "\tEnd Time:   1/2/2024 13:04:05 (local)\r\n"
                              "\tRenew Time: 0\r\n"
                              "\tSession Key Type: AES-256-CTS-HMAC-SHA1-96\r\n"
                              "\tCache Flags: 0x1 -> PRIMARY\r\n"
                              "\tKdc Called: dc1.test.com\r\n"
                              "\r\n"
                              "#1>\tClient: web$ @ TEST.COM\r\n"
                              "\tServer: HTTP/b.test.com @ TEST.COM\r\n"
                              "\tKerbTicket Encryption Type: RSADSI RC4-HMAC(NT)\r\n"
                              "\tTicket Flags 0x40a50000 -> forwardable\r\n"
                              "\tStart Time: 1/2/2024 3:05:00 (local)\r\n"
                              "\tEnd Time:   1/2/2024 13:04:05 (local)\r\n"
                              "\tRenew Time: 1/9/2024 3:04:05 (local)\r\n"
                              "\tSession Key Type: RSADSI RC4-HMAC(NT)\r\n";

TEST(klist_windows)
{
    CHECK_FACTS(
        windows, "klist",
        TICKET(6, "web$@TEST.COM", "krbtgt/TEST.COM@TEST.COM", "\"AES-256-CTS-HMAC-SHA1-96\"",
               "null", "1/2/2024 3:04:05", "1/2/2024 13:04:05", "\"dc1.test.com\"")
            TICKET(18, "web$@TEST.COM", "HTTP/b.test.com@TEST.COM", "\"RSADSI RC4-HMAC(NT)\"",
                   "null", "1/2/2024 3:05:00", "1/2/2024 13:04:05", "null"));
}

TEST(klist_windows_prefixes)
{
    check_prefixes(bytes_of_text(windows), true);
}

TEST(klist_windows_logon_of_the_system)
{
    struct seen seen;

    see_bytes(&seen, bytes_of_text(windows));
    CHECK_INT(seen.log.num, 3);
    if (seen.log.num == 3) {
        CHECK_STR(seen.log.at[1].cached_ticket->cache, "0:0x3e7");
        CHECK_INT(seen.log.at[2].cached_ticket->etype_number.value, 23);
    }
    seen_clear(&seen);
}

/* UTF-16LE with a mark, as "klist > file" of Windows PowerShell gives, cut within a character. */
TEST(klist_windows_utf16)
{
    uint8_t wide[2 * sizeof(windows) + 2] = {0xFF, 0xFE};
    struct bytes content = {wide, 2};
    struct seen seen;
    size_t i;

    for (i = 0; windows[i] != '\0'; i++) {
        wide[content.len++] = (uint8_t)windows[i];
        wide[content.len++] = 0;
    }
    see_bytes(&seen, content);
    CHECK_INT(seen.log.num, 3);
    seen_clear(&seen);
    content.len -= 1;
    see_bytes(&seen, content);
    CHECK_INT(seen.log.num, 3);
    CHECK_STR(seen.log.at[0].evidence_file->encoding, "UTF-16LE");
    seen_clear(&seen);
    content.at += 2; /* no mark */
    content.len -= 2;
    see_bytes(&seen, content);
    CHECK_INT(seen.log.num, 3);
    seen_clear(&seen);
}

/* klist tgt: other labels, other order. */
TEST(klist_windows_tgt)
{
    CHECK_FACTS("C:\\>klist tgt\n\nCurrent LogonId is 0:0x5\n\nCached TGT:\n\n"
                "ServiceName        : krbtgt\n"
                "TargetName (SPN)   : krbtgt\n"
                "ClientName         : alice\n"
                "DomainName         : TEST.COM\n"
                "TargetDomainName   : TEST.COM\n"
                "AltTargetDomainName: TEST.COM\n"
                "Ticket Flags       : 0x40e10000 -> forwardable renewable initial\n"
                "Session Key        : KeyType 0x12 - AES-256-CTS-HMAC-SHA1-96\n"
                "                   : KeyLength 32 - 00 00\n"
                "StartTime          : 1/2/2024 3:04:05 (local)\n"
                "EndTime            : 1/2/2024 13:04:05 (local)\n"
                "RenewUntil         : 1/9/2024 3:04:05 (local)\n"
                "TimeSkew           :  + 0:00 minute(s)\n"
                "EncodedTicket      : (size: 1196)\n"
                "0000  61 82 04 a8 30 82 04 a4:a0 03 02 01 05 a1 0f 1b  a...0...........\n",
                "klist",
                TICKET(13, "alice@TEST.COM", "krbtgt/TEST.COM@TEST.COM",
                       "\"AES-256-CTS-HMAC-SHA1-96\"", "null", "1/2/2024 3:04:05",
                       "1/2/2024 13:04:05", "null"));
}

TEST(klist_windows_lines_left_out)
{
    CHECK_FACTS("#0>  Client: a @ T\n     Server: cifs/f @ T\n"
                "     KerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\n"
                "     Start Time: 3/29/2026 8:05:00 (local)\n"
                "     End Time:   3/29/2026 18:00:00 (local)\n"
                "#1>  Client: a @ T\n     Server: cifs/g @ T\n"
                "     Start Time: 3/29/2026 8:05:00 (local)\n...\n",
                "klist",
                TICKET(1, "a@T", "cifs/f@T", "\"AES-256-CTS-HMAC-SHA1-96\"", "null",
                       "3/29/2026 8:05:00", "3/29/2026 18:00:00", "null")
                    FACT("cached-ticket", 6,
                         "\"client\":\"a@T\",\"server\":\"cifs/g@T\",\"etype\":null,\"kvno\":null,"
                         "\"start\":\"3/29/2026 8:05:00\",\"end\":null,\"kdc\":null"));
}

TEST(klist_without_tickets)
{
    CHECK_FACTS("Current LogonId is 0:0x3e7\n\nCached Tickets: (0)\n", "klist", "");
}

static const char mit[] = "Ticket cache: FILE:/tmp/krb5cc_0\n"
                          "Default principal: alice@TEST.COM\n\n"
                          "Valid starting       Expires              Service principal\n"
                          "01/02/2024 03:04:05  01/02/2024 13:04:05  krbtgt/TEST.COM@TEST.COM\n"
                          "\trenew until 01/09/2024 03:04:05, Flags: FRIA\n"
                          "\tEtype (skey, tkt): aes256-cts-hmac-sha1-96, DEPRECATED:arcfour-hmac \n"
                          "01/02/24 03:04:05 AM  01/02/24 01:04:05 PM  HTTP/b@TEST.COM\n"
                          "\tfor client bob@TEST.COM, renew until 01/09/24 03:04:05 AM\n";

TEST(klist_mit)
{
    CHECK_FACTS(mit, "klist",
                TICKET(5, "alice@TEST.COM", "krbtgt/TEST.COM@TEST.COM",
                       "\"DEPRECATED:arcfour-hmac\"", "null", "01/02/2024 03:04:05",
                       "01/02/2024 13:04:05", "null")
                    TICKET(8, "bob@TEST.COM", "HTTP/b@TEST.COM", "null", "null",
                           "01/02/24 03:04:05 AM", "01/02/24 01:04:05 PM", "null"));
    check_prefixes(bytes_of_text(mit), true);
}

TEST(klist_heimdal)
{
    CHECK_FACTS("Credentials cache: FILE:/tmp/krb5cc_0\n"
                "        Principal: alice@TEST.COM\n\n"
                "  Issued                Expires               Principal\n"
                "Jan  2 03:04:05 2024  Jan  2 13:04:05 2024  krbtgt/TEST.COM@TEST.COM\n"
                "Jan  1 03:04:05 2024  >>>Expired<<<         HTTP/b@TEST.COM\n",
                "klist",
                TICKET(5, "alice@TEST.COM", "krbtgt/TEST.COM@TEST.COM", "null", "null",
                       "Jan  2 03:04:05 2024", "Jan  2 13:04:05 2024", "null")
                    TICKET(6, "alice@TEST.COM", "HTTP/b@TEST.COM", "null", "null",
                           "Jan  1 03:04:05 2024", ">>>Expired<<<", "null"));
}

/* Listings of keytabs; with -K the key stands there and is passed over. */
TEST(klist_keytab)
{
    CHECK_FACTS("Keytab name: FILE:/etc/krb5.keytab\n"
                "KVNO Timestamp           Principal\n"
                "---- ------------------- ------------------------------------------------------\n"
                "   3 01/02/2024 03:04:05 HTTP/b@TEST.COM (aes256-cts-hmac-sha1-96)  (0xabcdef)\n"
                "   3 01/02/2024 03:04:05 HTTP/b@TEST.COM (DEPRECATED:arcfour-hmac)\n",
                "klist", KEY(4, "HTTP/b@TEST.COM", 3, 18) KEY(5, "HTTP/b@TEST.COM", 3, 23));
    CHECK_FACTS("slot KVNO Principal\n"
                "---- ---- ---------------------------------------------------------------------\n"
                "   1    7            HTTP/b@TEST.COM (aes128-cts-hmac-sha1-96)\n",
                "klist", KEY(3, "HTTP/b@TEST.COM", 7, 17));
    CHECK_FACTS("FILE:/etc/krb5.keytab:\n\n"
                "Vno  Type                     Principal        Aliases\n"
                "  2  aes256-cts-hmac-sha1-96  host/b@TEST.COM\n",
                "klist", KEY(4, "host/b@TEST.COM", 2, 18));
    CHECK_FACTS("Keytab name: FILE:x\nKVNO Principal\n---- -----\n"
                "   1 a@B (AES-256 CTS mode with 96-bit SHA-1 HMAC) \n",
                "klist", KEY(4, "a@B", 1, 18));
    CHECK_FACTS("Keytab name: FILE:x\nKVNO Principal\n---- -----\n   1 a@B\n", "klist",
                KEY(4, "a@B", 1, null));
}

TEST(klist_and_setspn_in_one_paste)
{
    struct seen seen;
    struct text both = {0};

    text_put(&both, windows);
    text_put(&both, "C:\\>setspn -Q HTTP/b.test.com\nChecking domain DC=test,DC=com\n"
                    "CN=b,DC=test,DC=com\n\tHTTP/b.test.com\n\nExisting SPN found!\n");
    see_bytes(&seen, bytes_of_text(text_str(&both)));
    CHECK_INT(seen.log.num, 4);
    CHECK_INT(seen.log.at[0].evidence_file->kinds.num, 2);
    CHECK(strstr(text_str(&seen.facts), "spn-owner") != NULL);
    seen_clear(&seen);
    text_clear(&both);
}

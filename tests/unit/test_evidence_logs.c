/* SPDX-License-Identifier: MIT */
/* dcdiag, KRB5_TRACE, net-export logs, decoded frames as text, and what only looks like them. */
#include "unit/evidence_check.h"

/* Microsoft documentation, AD replication error 1398 (support-for-windows-server), with the wrap
 * that the console makes of a long name; the second test is from a Q&A thread on
 * learn.microsoft.com. */
static const char dcdiag[] =
    "Doing primary tests\n"
    "   Testing server: Default-First-Site-Name\\CONTOSO-DC1\n"
    "      Starting test: CheckSecurityError\n"
    "         Source DC CONTOSO-DC2 has possible security error (1398).\n"
    "         [CONTOSO-DC2] DsBindWithSpnEx() failed with error 5,\n"
    "         ......................... CONTOSO-DC1 failed test\n"
    "         CheckSecurityError\n"
    "      Starting test: KccEvent\n"
    "         ......................... CONTOSO-DC1 passed test KccEvent\n"
    "      Starting test: Services\n"
    "            [ATLAS-V2-DC] DsReplicaGetInfo(KCC_DS_CONNECT_FAILURES) failed with\n"
    "            error 8453,\n"
    "         ......................... ATLAS-V2-DC passed test Services\n";

TEST(dcdiag_tests)
{
    CHECK_FACTS(dcdiag, "dcdiag",
                FACT("dcdiag", 6,
                     "\"dc\":\"CONTOSO-DC1\",\"test\":\"CheckSecurityError\",\"passed\":false,"
                     "\"error\":1398")
                    FACT("dcdiag", 9,
                         "\"dc\":\"CONTOSO-DC1\",\"test\":\"KccEvent\",\"passed\":true,"
                         "\"error\":null")
                        FACT("dcdiag", 13,
                             "\"dc\":\"ATLAS-V2-DC\",\"test\":\"Services\",\"passed\":true,"
                             "\"error\":8453"));
    check_prefixes(bytes_of_text(dcdiag), true);
}

/* A sentence in a language that is not known here is no verdict. */
TEST(dcdiag_other_words)
{
    CHECK_FACTS(
        "......................... X Y Services Z\n", "dcdiag",
        FACT("dcdiag", 1, "\"dc\":null,\"test\":\"Services\",\"passed\":null,\"error\":null"));
    CHECK_FACTS(
        ".......................... Services\n", "dcdiag",
        FACT("dcdiag", 1, "\"dc\":null,\"test\":\"Services\",\"passed\":null,\"error\":null"));
    CHECK_FACTS("1. Introduction ............ 3\n2. Tests ............. 4\n", NULL, "");
}

static const char netmon[] = "- Http: Response, HTTP/1.1, Status: Unauthorized, URL: /\n"
                             "  - Error: KRB_ERROR (30)\n"
                             "    + ErrorCode: KRB_AP_ERR_MODIFIED (41)\n"
                             "    + Realm: TEST.COM\n"
                             "    + Sname: contososvc\n";

/* The rows of tshark 4.0 -V. */
static const char wireshark[] = "Kerberos\n"
                                "    krb-error\n"
                                "        pvno: 5\n"
                                "        msg-type: krb-error (30)\n"
                                "        stime: 2011-10-14 05:10:14 (UTC)\n"
                                "        susec: 253933\n"
                                "        error-code: eRR-S-PRINCIPAL-UNKNOWN (7)\n"
                                "        realm: TEST.COM\n"
                                "        sname\n"
                                "            name-type: kRB5-NT-SRV-INST (2)\n"
                                "            sname-string: 2 items\n"
                                "                SNameString: HTTP\n"
                                "                SNameString: www.test.com\n"
                                "        error-code: eRR-PREAUTH-REQUIRED (25)\n";

TEST(decoded_frames)
{
    CHECK_FACTS(
        netmon, "netmon",
        FACT("netmon", 3, "\"error_code\":41,\"realm\":\"TEST.COM\",\"sname\":\"contososvc\""));
    CHECK_FACTS(
        wireshark, "netmon",
        FACT("netmon", 7, "\"error_code\":7,\"realm\":\"TEST.COM\",\"sname\":\"HTTP/www.test.com\"")
            FACT("netmon", 14, "\"error_code\":25,\"realm\":null,\"sname\":null"));
    check_prefixes(bytes_of_text(netmon), true);
    check_prefixes(bytes_of_text(wireshark), true);
}

TEST(decoded_frames_alike)
{
    CHECK_FACTS("ErrorCode: 41\nerror-code: 0x29\n", NULL, "");
    CHECK_FACTS("Error Code: KDC_ERR_NONE (0)\n", NULL, "");
    CHECK_FACTS("ErrorCode: KRB_AP_ERR_MODIFIED (forty one)\n", NULL, "");
}

/* Lines of krb5/krb5 pull 912 and FreeRDP/FreeRDP pull 3954; results of other lengths beside them.
 */
static const char trace[] =
    "[32689] 1501161801.868220: Getting credentials a@R -> TERMSRV/w.r@R using ccache FILE:/tmp/x\n"
    "[32689] 1501161801.868291: Retrieving a@R -> TERMSRV/w.r@R from FILE:/tmp/x with result: "
    "-1765328243/Matching credential not found\n"
    "[1] 1501161801.868291: Received error from KDC: -1765328359/Additional pre-authentication\n"
    "[32689] 1501161801.87: TGS request result: -1765328377/Server not found in Kerberos database\n"
    "2026 log [7] 1501161802.1: Getting credentials a@R -> HTTP/w.r@ using ccache FILE:/tmp/x\n"
    "2026 log [7] 1501161802.2: Retrieving a@R -> HTTP/w.r@ from FILE:/tmp/x with result: "
    "0/Success\n"
    "[8] 1501161803.1: Failed to decrypt AP-REQ ticket: -1765328353/Decrypt integrity check "
    "failed\n";

TEST(krb5_trace)
{
    CHECK_FACTS(trace, "krb5trace",
                FACT("krb5trace", 1,
                     "\"client\":\"a@R\",\"server\":\"TERMSRV/w.r@R\",\"error_code\":7,"
                     "\"message\":\"Server not found in Kerberos database\",\"acceptor\":false")
                    FACT("krb5trace", 5,
                         "\"client\":\"a@R\",\"server\":\"HTTP/w.r@\",\"error_code\":0,"
                         "\"message\":\"Success\",\"acceptor\":false")
                        FACT("krb5trace", 7,
                             "\"client\":null,\"server\":null,\"error_code\":31,"
                             "\"message\":\"Decrypt integrity check failed\",\"acceptor\":true"));
    check_prefixes(bytes_of_text(trace), true);
}

TEST(krb5_trace_alike)
{
    CHECK_FACTS("Getting credentials a@R -> b@R using ccache X\n", NULL, "");
    CHECK_FACTS("[x] 1501161801.868220: Getting credentials a@R -> b@R using ccache X\n", NULL, "");
    CHECK_FACTS("[12] 1501161801.86: Resolving hostname kdc\n", NULL, "");
}

/* Members in the order of Chromium's own files (sorted), and two sources that mix. */
static const char netlog[] =
    "{\"constants\":{\"logEventTypes\":{\"AUTH_LIBRARY_INIT_SEC_CTX\":200}},\n"
    "\"events\":[\n"
    "{\"params\":{\"url\":\"https://intranet.test.com:8443/a?b\"},\"phase\":1,"
    "\"source\":{\"id\":1,\"type\":1},\"time\":\"1\",\"type\":100},\n"
    "{\"params\":{\"spn\":\"HTTP/web01.test.com\"},\"source\":{\"id\":10,\"type\":39}},\n"
    "{\"params\":{\"spn\":\"HTTP/web02.test.com\"},\"source\":{\"id\":11,\"type\":39}},\n"
    "{\"params\":{\"status\":{\"net_error\":0,\"security_status\":0}},\"source\":{\"id\":11}},\n"
    "{\"params\":{\"status\":{\"net_error\":-338,\"security_status\":-2146893022}},"
    "\"source\":{\"id\":10}}\n"
    "]}\n";

/* Microsoft's article "Kerberos unconstrained delegation in Microsoft Edge" prints the viewer so.
 */
static const char viewer[] =
    "t=3070 [st=0] +URL_REQUEST_START_JOB [dt=20]\n"
    "               --> url = \"http://web-server.odessy.local/\"\n"
    "t=3076 [st=12]       +AUTH_LIBRARY_INIT_SEC_CTX  [dt=3]\n"
    "                      --> flags = {\"delegated\":false,\"mutual\":false}\n"
    "                      --> spn = \"HTTP/web-server.odessy.local\"\n"
    "t=3079 [st=15]       -AUTH_LIBRARY_INIT_SEC_CTX\n"
    "                      --> status = {\"net_error\":-338,\"security_status\":-2146893053}\n";

TEST(net_export)
{
    CHECK_FACTS(netlog, "netlog",
                FACT("netlog", 4,
                     "\"url_host\":\"intranet.test.com\",\"spn\":\"HTTP/web01.test.com\","
                     "\"security_status\":-2146893022,\"net_error\":-338")
                    FACT("netlog", 5,
                         "\"url_host\":\"intranet.test.com\",\"spn\":\"HTTP/web02.test.com\","
                         "\"security_status\":0,\"net_error\":0"));
    CHECK_FACTS(viewer, "netlog",
                FACT("netlog", 5,
                     "\"url_host\":\"web-server.odessy.local\","
                     "\"spn\":\"HTTP/web-server.odessy.local\",\"security_status\":-2146893053,"
                     "\"net_error\":-338"));
    check_prefixes(bytes_of_text(netlog), false);
    check_prefixes(bytes_of_text(viewer), false);
}

TEST(net_export_alike)
{
    CHECK_FACTS("{\"logEventTypes\":{\"URL_REQUEST\":1},\"events\":[]}\n", NULL, "");
    CHECK_FACTS("AUTH_LIBRARY_INIT_SEC_CTX means that the browser calls the system.\n", NULL, "");
    CHECK_FACTS("{\"logEventTypes\":{\"AUTH_LIBRARY_INIT_SEC_CTX\":1},\"events\":[{\"params\":{"
                "\"spn\":\"no name\"}}]}\n",
                "netlog", "");
}

/* ---- Pastes ---- */

/* A console of 80 columns broke the message; the file's own line numbers stay. */
TEST(console_width)
{
    static const char broken[] =
        "\nWhile processing a TGS request for the target server HTTP/web.test.com, the acco\n"
        "unt svc@TEST.COM did not have a suitable key for generating a Kerberos ticket (t\n"
        "he missing key has an ID of 8). The requested etypes were 18 17. The accounts av\n"
        "ailable etypes were 23.\n";

    CHECK_FACTS(broken, "kdc-event",
                FACT("kdc-event", 2,
                     "\"id\":16,\"spn\":null,\"service\":\"HTTP/web.test.com\","
                     "\"account\":\"svc@TEST.COM\",\"requested\":[18,17],\"available\":[23],"
                     "\"time\":null"));
    check_prefixes(bytes_of_text(broken), false);
}

/* Folded LDIF whose pieces end in the last column is not broken. */
TEST(console_width_of_ldif)
{
    static const char folded[] =
        "dn: CN=a,DC=test,DC=com\n"
        "servicePrincipalName: HTTP/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
        " .test.com\n"
        "sAMAccountName: a\n";

    CHECK_FACTS(folded, "ldif",
                FACT("account", 1,
                     "\"account\":\"a\",\"dn\":\"CN=a,DC=test,DC=com\",\"upn\":null,\"spns\":["
                     "\"HTTP/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test.com\"],"
                     "\"etypes\":null,\"kvno\":null"));
}

TEST(hosts_in_a_mail)
{
    CHECK_FACTS("Hello,\nmy hosts file:\n\n10.0.5.2 web.test.com # old\n\nRegards\n", "hosts",
                FACT("name", 4,
                     "\"name\":\"web.test.com\",\"type\":\"A\",\"value\":\"10.0.5.2\","
                     "\"origin\":\"hosts\""));
    CHECK_FACTS("The servers are\n10.0.5.2 web.test.com\nRegards\n", NULL, "");
}

/* The time of another output above is not the event's. */
TEST(event_behind_other_output)
{
    CHECK_FACTS("#0> Client: a @ R\n    Server: HTTP/w @ R\n    End Time: 7/23/2026 9:58:40\n\n"
                "Source: Kerberos\nEvent ID: 4\n"
                "The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server svc. "
                "The target name used was HTTP/w.\n",
                "klist",
                FACT("cached-ticket", 1,
                     "\"client\":\"a@R\",\"server\":\"HTTP/w@R\",\"etype\":null,\"kvno\":null,"
                     "\"start\":\"7/23/2026 9:58:40\",\"end\":null,\"kdc\":null")
                    FACT("event4", 7,
                         "\"server\":\"svc\",\"target\":\"HTTP/w\",\"client_realm\":null,"
                         "\"server_realm\":null,\"time\":null"));
}

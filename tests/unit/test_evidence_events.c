/* SPDX-License-Identifier: MIT */
#include "unit/evidence_check.h"

#define EVENT4(line, server, target, client_realm, server_realm, time)                             \
    FACT("event4", line,                                                                           \
         "\"server\":\"" server "\",\"target\":" target ",\"client_realm\":" client_realm          \
         ",\"server_realm\":" server_realm ",\"time\":" time)

#define ENGLISH                                                                                    \
    "The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server contososvc. The "    \
    "target name used was HTTP/iis01.test.com. This indicates that the target server failed to "   \
    "decrypt the ticket provided by the client. This can occur when the target server principal "  \
    "name (SPN) is registered on an account other than the account the target service is using. "  \
    "If the server name is not fully qualified, and the target domain (TEST.COM) is different "    \
    "from the client domain (CHILD.TEST.COM), check if there are identically named server "        \
    "accounts in these two domains."

static const char viewer[] = "Log Name:      System\r\n"
                             "Source:        Microsoft-Windows-Security-Kerberos\r\n"
                             "Date:          10/13/2011 10:10:05 PM\r\n"
                             "Event ID:      4\r\n"
                             "Computer:      IIS02.test.com\r\n"
                             "Description:\r\n" ENGLISH "\r\n";

TEST(event4_viewer)
{
    struct seen seen;

    CHECK_FACTS(viewer, "event4",
                EVENT4(7, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                       "\"TEST.COM\"", "\"10/13/2011 10:10:05 PM\""));
    see_bytes(&seen, bytes_of_text(viewer));
    CHECK_INT(seen.log.num, 2);
    /* date -u -d '2011-10-13 22:10:05' +%s */
    CHECK_INT(seen.log.at[1].event4->time_s.value, 1318543805);
    CHECK(!seen.log.at[1].event4->utc);
    CHECK_STR(seen.log.at[1].event4->computer, "IIS02.test.com");
    seen_clear(&seen);
    check_prefixes(bytes_of_text(viewer), true);
}

TEST(event4_wevtutil_two_events)
{
    CHECK_FACTS("Event[0]:\n  Log Name: System\n  Source: Microsoft-Windows-Security-Kerberos\n"
                "  Date: 2011-10-13T22:10:05.000\n  Event ID: 4\n  Computer: IIS02\n"
                "  Description: \n" ENGLISH "\n\n"
                "Event[1]:\n  Log Name: System\n  Date: 2011-10-13T23:10:05.000\n"
                "  Description: \n" ENGLISH "\n",
                "event4",
                EVENT4(8, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                       "\"TEST.COM\"", "\"2011-10-13T22:10:05.000\"")
                    EVENT4(14, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                           "\"TEST.COM\"", "\"2011-10-13T23:10:05.000\""));
}

/* PowerShell: Select-Object * prints the message first; the time behind it belongs to it. */
TEST(event4_message_before_its_time)
{
    CHECK_FACTS("Message     : " ENGLISH "\nId          : 4\nTimeCreated : 1/2/2024 3:04:05 PM\n\n"
                "Message     : " ENGLISH "\nId          : 4\nTimeCreated : 1/3/2024 3:04:05 PM\n",
                "event4",
                EVENT4(1, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                       "\"TEST.COM\"", "\"1/2/2024 3:04:05 PM\"")
                    EVENT4(5, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                           "\"TEST.COM\"", "\"1/3/2024 3:04:05 PM\""));
}

TEST(event4_json_in_one_line)
{
    CHECK_FACTS("[{\"Message\":\"" ENGLISH "\",\"Id\":4,\"TimeCreated\":\"\\/Date(1318543805123)"
                "\\/\"},{\"Message\":\"" ENGLISH "\",\"Id\":4}]",
                "event4",
                EVENT4(1, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                       "\"TEST.COM\"", "\"1318543805123\"")
                    EVENT4(1, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                           "\"TEST.COM\"", "null"));
}

#define A_B(line, server, target, time) EVENT4(line, server, target, "\"A.COM\"", "\"B.COM\"", time)

TEST(event4_languages)
{
    CHECK_FACTS("Der Kerberos-Client hat einen KRB_AP_ERR_MODIFIED-Fehler von Server \"web01$\" "
                "empfangen. Der verwendete Zielname war HTTP/w.a.com. Dies deutet darauf hin, dass "
                "der Dienstprinzipalname (SPN) falsch ist, und die Zieldom\xC3\xA4ne (B.COM) von "
                "der Clientdom\xC3\xA4ne (A.COM) abweicht.",
                "event4", A_B(1, "web01$", "\"HTTP/w.a.com\"", "null"));
    CHECK_FACTS("Le client Kerberos a re\xC3\xA7u une erreur KRB_AP_ERR_MODIFIED du serveur "
                "svcweb. Le nom de la cible utilis\xC3\xA9 \xC3\xA9tait HTTP/w.a.com. Cela indique "
                "que le domaine cible (B.COM) est diff\xC3\xA9rent du domaine client (A.COM).",
                "event4", A_B(1, "svcweb", "\"HTTP/w.a.com\"", "null"));
    CHECK_FACTS("El cliente Kerberos recibi\xC3\xB3 un error KRB_AP_ERR_MODIFIED del servidor "
                "svcweb. El nombre de destino usado fue HTTP/w.a.com. Esto indica que (SPN) "
                "dominio de destino (B.COM) dominio de cliente (A.COM).",
                "event4", A_B(1, "svcweb", "\"HTTP/w.a.com\"", "null"));
    CHECK_FACTS("Kerberos \xE3\x82\xAF\xE3\x83\xA9\xE3\x82\xA4\xE3\x82\xA2\xE3\x83\xB3\xE3\x83\x88"
                "\xE3\x81\x8C\xE3\x82\xB5\xE3\x83\xBC\xE3\x83\x90\xE3\x83\xBC svcweb "
                "\xE3\x81\x8B\xE3\x82\x89 KRB_AP_ERR_MODIFIED \xE3\x82\xA8\xE3\x83\xA9\xE3\x83\xBC"
                "\xE3\x82\x92\xE5\x8F\x97\xE4\xBF\xA1\xE3\x81\x97\xE3\x81\xBE\xE3\x81\x97\xE3\x81"
                "\x9F\xE3\x80\x82\xE4\xBD\xBF\xE7\x94\xA8 HTTP/w.a.com \xE3\x81\xA7\xE3\x81\x99"
                "\xE3\x80\x82(SPN) \xE3\x82\xBF (B.COM) \xE3\x82\xBF (A.COM)",
                "event4", A_B(1, "svcweb", "\"HTTP/w.a.com\"", "null"));
    CHECK_FACTS("Kerberos \xE5\xAE\xA2\xE6\x88\xB7\xE7\xAB\xAF\xE4\xBB\x8E\xE6\x9C\x8D\xE5\x8A\xA1"
                "\xE5\x99\xA8 svcweb \xE6\x94\xB6\xE5\x88\xB0 KRB_AP_ERR_MODIFIED \xE9\x94\x99"
                "\xE8\xAF\xAF\xE3\x80\x82\xE4\xBD\xBF\xE7\x94\xA8\xE7\x9A\x84\xE7\x9B\xAE\xE6\xA0"
                "\x87\xE4\xB8\xBA HTTP/w.a.com\xE3\x80\x82\xEF\xBC\x88"
                "B.COM\xEF\xBC\x89\xE4\xB8"
                "\x8E\xEF\xBC\x88"
                "A.COM\xEF\xBC\x89",
                "event4", A_B(1, "svcweb", "\"HTTP/w.a.com\"", "null"));
}

/* A console of 80 columns breaks the message anywhere. */
TEST(event4_broken_at_the_console)
{
    struct text text = {0};
    size_t i, column = 0;

    for (i = 0; i < sizeof(ENGLISH) - 1; i++) {
        text_put_char(&text, ENGLISH[i]);
        if (++column % 80 == 0)
            text_put_char(&text, '\n');
    }
    CHECK_FACTS(text_str(&text), "event4",
                EVENT4(1, "contososvc", "\"HTTP/iis01.test.com\"", "\"CHILD.TEST.COM\"",
                       "\"TEST.COM\"", "null"));
    text_clear(&text);
}

#define XML_HEAD                                                                                   \
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"                \
    "<Provider Name='Microsoft-Windows-Security-Kerberos' EventSourceName='Kerberos'/>"            \
    "<EventID Qualifiers='16384'>4</EventID>"                                                      \
    "<TimeCreated SystemTime='2011-10-14T05:10:14.000Z'/><Computer>c</Computer></System>"

TEST(event4_xml)
{
    static const char xml[] =
        "wevtutil qe System /f:xml\n" XML_HEAD
        "<EventData><Data>contososvc</Data><Data>B.COM</Data><Data>HTTP/w</Data>"
        "<Data>A.COM</Data></EventData>"
        "<RenderingInfo Culture='en-US'><Message>" ENGLISH "</Message></RenderingInfo></Event>\n";
    struct seen seen;

    CHECK_FACTS(xml, "event4", A_B(2, "contososvc", "\"HTTP/w\"", "\"2011-10-14T05:10:14.000Z\""));
    see_bytes(&seen, bytes_of_text(xml));
    CHECK_INT(seen.log.num, 2);
    /* date -u -d '2011-10-14 05:10:14' +%s */
    CHECK_INT(seen.log.at[1].event4->time_s.value, 1318569014);
    CHECK(seen.log.at[1].event4->utc);
    seen_clear(&seen);
    check_prefixes(bytes_of_text(xml), true);
}

/* No document type, and so no entity of one, is ever read. */
TEST(event_xml_entities_are_refused)
{
    CHECK_FACTS("<!DOCTYPE Event [<!ENTITY a 'KRB'><!ENTITY b SYSTEM 'file:///etc/passwd'>]>\n"
                "<Event><System><Provider Name='Microsoft-Windows-Security-Kerberos'/>"
                "<EventID>4</EventID></System><EventData><Data>&b;</Data></EventData></Event>\n",
                NULL, "");
}

TEST(event3_rows)
{
    static const char text[] = "A Kerberos error message was received:\n"
                               " on logon session TEST.COM\\a\n"
                               " Client Time: \n"
                               " Server Time: 5:10:14.0000 10/14/2011 Z\n"
                               " Error Code: 0x29 KRB_AP_ERR_MODIFIED\n"
                               " Extended Error: \n"
                               " Client Realm: \n"
                               " Client Name: \n"
                               " Server Realm: TEST.COM\n"
                               " Server Name: contososvc\n"
                               " Target Name: \n"
                               " Error Text: \n";
    struct seen seen;

    CHECK_FACTS(text, "event3",
                FACT("event3", 5,
                     "\"error_code\":41,\"extended_error\":null,\"client_realm\":null,"
                     "\"client_name\":null,\"server_realm\":\"TEST.COM\",\"server_name\":"
                     "\"contososvc\",\"target_name\":null,\"time\":\"5:10:14.0000 10/14/2011 Z\""));
    see_bytes(&seen, bytes_of_text(text));
    CHECK(seen.log.num == 2 && seen.log.at[1].event3->time_s.value == 1318569014);
    seen_clear(&seen);
}

TEST(kdc_events)
{
    CHECK_FACTS("Event ID: 11\nThe KDC encountered duplicate names while processing a Kerberos "
                "authentication request. The duplicate name is HTTP/w.test.com (of type "
                "DS_SERVICE_PRINCIPAL_NAME).\n",
                "kdc-event",
                FACT("kdc-event", 2,
                     "\"id\":11,\"spn\":\"HTTP/w.test.com\",\"service\":null,\"account\":null,"
                     "\"requested\":[],\"available\":[],\"time\":null"));
    CHECK_FACTS("Event ID: 27\nWhile processing a TGS request for the target server HTTP/w, the "
                "account a@TEST.COM did not have a suitable key for generating a Kerberos ticket "
                "(the missing key has an ID of 8). The requested etypes were 18 17. The accounts "
                "available etypes were 23  -133  -128.\n",
                "kdc-event",
                FACT("kdc-event", 2,
                     "\"id\":27,\"spn\":null,\"service\":\"HTTP/w\",\"account\":\"a@TEST.COM\","
                     "\"requested\":[18,17],\"available\":[23,-133,-128],\"time\":null"));
    /* Microsoft KB 2002141 prints the header so */
    CHECK_FACTS(
        "Type: Error\nEvent: 27\nSource: KDC\nEvent Msg: While processing a TGS request for "
        "the target server krbtgt/R, the account a did not have a suitable key for "
        "generating a Kerberos ticket (the missing key has an ID of 8). The requested "
        "etypes were 18, 17. The accounts available etypes were 23 3 1.\n",
        "kdc-event",
        FACT("kdc-event", 4,
             "\"id\":27,\"spn\":null,\"service\":\"krbtgt/R\",\"account\":\"a\","
             "\"requested\":[18,17],\"available\":[23,3,1],\"time\":null"));
}

/* A poster took the host and the full stop away; a quotation ends early. */
TEST(event4_taken_apart)
{
    CHECK_FACTS("The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server svc. The "
                "target name used was HTTP/ This indicates that the target server failed. The "
                "target domain (`B.COM`) is different from the client domain (`A.COM`)",
                "event4", A_B(1, "svc", "\"HTTP/\"", "null"));
    CHECK_FACTS("The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server pc1$.",
                "event4", EVENT4(1, "pc1$", "null", "null", "null", "null"));
    CHECK_FACTS("\"The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server.\",\n"
                "\"A time difference between the client and server prevented logon.\"\n",
                NULL, "");
}

TEST(events_alike)
{
    CHECK_FACTS("<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/>"
                "<EventID>4</EventID></System><EventData><Data>x</Data></EventData></Event>",
                NULL, "");
    CHECK_FACTS("+ Error: KRB_ERROR\n+ ErrorCode: KRB_AP_ERR_MODIFIED (41)\n+ Sname: a$\n",
                "netmon", FACT("netmon", 2, "\"error_code\":41,\"realm\":null,\"sname\":\"a$\""));
    CHECK_FACTS("Kerberos says KRB_AP_ERR_MODIFIED, which means a wrong key.\n", NULL, "");
}

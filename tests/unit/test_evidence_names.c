/* SPDX-License-Identifier: MIT */
/* What a machine takes names for: hosts, the DNS cache, ipconfig. */
#include "unit/evidence_check.h"

#define NAME(line, name, type, value, origin)                                                      \
    FACT("name", line,                                                                             \
         "\"name\":\"" name "\",\"type\":\"" type "\",\"value\":\"" value                          \
         "\",\"origin\":\"" origin "\"")

TEST(hosts_file)
{
    static const char text[] = "\xEF\xBB\xBF# header\r\n"
                               "10.0.5.4\tiis01.test.com iis01 # moved\r\n"
                               "  ::1 localhost\r\n"
                               "fe80::1%eth0 router\r\n"
                               "#10.0.5.9 old\r\n";

    CHECK_FACTS(text, "hosts",
                NAME(2, "iis01.test.com", "A", "10.0.5.4", "hosts")
                    NAME(2, "iis01", "A", "10.0.5.4", "hosts")
                        NAME(3, "localhost", "AAAA", "::1", "hosts")
                            NAME(4, "router", "AAAA", "fe80::1", "hosts"));
    check_prefixes(bytes_of_text(text), true);
}

TEST(hosts_bad_line_is_noted)
{
    struct seen seen;
    struct text text = {0};
    int i;

    for (i = 1; i <= 12; i++)
        text_putf(&text, "10.0.0.%d h%d\n", i, i);
    text_put(&text, "10.0.0.300 bad\n");
    see_bytes(&seen, bytes_of_text(text_str(&text)));
    CHECK_STR(seen.kind, "hosts");
    CHECK_INT(seen_problems(&seen), 1);
    CHECK_INT(seen.log.num, 14);
    CHECK_INT(seen.log.at[13].source.line, 13);
    seen_clear(&seen);
    text_clear(&text);
}

TEST(hosts_shown_among_other_commands)
{
    CHECK_FACTS("C:\\>hostname\nclient\n"
                "C:\\>type C:\\Windows\\System32\\drivers\\etc\\hosts\n"
                "# Copyright\n10.0.5.4 iis01.test.com\n\n"
                "C:\\>ping 10.0.0.1\n10.0.0.1 answers\n",
                "hosts", NAME(5, "iis01.test.com", "A", "10.0.5.4", "hosts"));
}

TEST(hosts_alike)
{
    CHECK_FACTS("10.0.0.1 ansible_user=root\n[web]\n10.0.0.2\n", NULL, "");
    CHECK_FACTS("  10.0.0.1  00-11-22-33-44-55  dynamic\n", NULL, "");
    CHECK_FACTS("10.0.0.0 255.255.255.0 10.0.0.5 25\n", NULL, "");
    CHECK_FACTS("see 10.0.0.1 web\n", NULL, "");
    CHECK_FACTS("# only a comment\n", NULL, "");
}

#define DOTS(label, value) "    " label " . . . . : " value "\n"

static const char cache[] = "Windows-IP-Konfiguration\n\n"
                            "    www.test.com\n"
                            "    ----------------------------------------\n"
                            "    Eintragsname . . . . . : www.test.com\n"
                            "    Eintragstyp  . . . . . : 5\n"
                            "    G\xC3\xBCltigkeitsdauer . . . : 622\n"
                            "    Datenl\xC3\xA4nge . . . . . . : 8\n"
                            "    Abschnitt. . . . . . . : Antwort\n"
                            "    CNAME-Eintrag  . . . . : web.test.com.\n\n\n"
                            "    Eintragsname . . . . . : web.test.com\n"
                            "    Eintragstyp  . . . . . : 28\n"
                            "    G\xC3\xBCltigkeitsdauer . . . : 622\n"
                            "    Datenl\xC3\xA4nge . . . . . . : 16\n"
                            "    Abschnitt. . . . . . . : Antwort\n"
                            "    AAAA-Eintrag . . . . . : 2001:db8::1\n\n\n"
                            "    no.test.com\n"
                            "    ----------------------------------------\n"
                            "    Der Name ist nicht vorhanden.\n\n"
                            "    Eintragsname . . . . . : _ldap._tcp.test.com\n"
                            "    Eintragstyp  . . . . . : 33\n"
                            "    G\xC3\xBCltigkeitsdauer . . . : 600\n"
                            "    Datenl\xC3\xA4nge . . . . . . : 16\n"
                            "    Abschnitt. . . . . . . : Antwort\n"
                            "    SRV-Eintrag  . . . . . : dc1.test.com\n"
                            "                             0\n"
                            "                             100\n"
                            "                             389\n";

TEST(displaydns_german)
{
    CHECK_FACTS(cache, "displaydns",
                NAME(5, "www.test.com", "CNAME", "web.test.com",
                     "displaydns") NAME(13, "web.test.com", "AAAA", "2001:db8::1", "displaydns")
                    NAME(25, "_ldap._tcp.test.com", "SRV", "0 100 389 dc1.test.com", "displaydns"));
    check_prefixes(bytes_of_text(cache), true);
}

TEST(displaydns_negative_only)
{
    CHECK_FACTS("C:\\>ipconfig /displaydns\n\nWindows IP Configuration\n\n"
                "    no.test.com\n    ----------------------------------------\n"
                "    Name does not exist.\n",
                "displaydns", "");
}

static const char all[] = "Windows-IP-Konfiguration\n\n"
                          "   Hostname  . . . . . . . . . . . . : IIS01\n"
                          "   Prim\xC3\xA4res DNS-Suffix . . . . . . . : test.com\n"
                          "   Knotentyp . . . . . . . . . . . . : Hybrid\n"
                          "   IP-Routing aktiviert  . . . . . . : Nein\n"
                          "   WINS-Proxy aktiviert  . . . . . . : Nein\n"
                          "   DNS-Suffixsuchliste . . . . . . . : test.com\n"
                          "                                       corp.test.com\n\n"
                          "Ethernet-Adapter Ethernet0:\n\n"
                          "   Verbindungsspezifisches DNS-Suffix: branch.test.com\n"
                          "   Beschreibung. . . . . . . . . . . : Intel(R) Gigabit\n"
                          "   Verbindungslokale IPv6-Adresse  . : fe80::1%11(Bevorzugt)\n"
                          "   IPv4-Adresse  . . . . . . . . . . : 10.0.5.2(Bevorzugt)\n"
                          "   Subnetzmaske  . . . . . . . . . . : 255.255.255.0\n"
                          "   Standardgateway . . . . . . . . . : 10.0.5.254\n"
                          "   DNS-Server  . . . . . . . . . . . : 10.0.5.1\n"
                          "                                       10.0.5.9\n"
                          "   NetBIOS \xC3\xBC"
                          "ber TCP/IP . . . . . . . : Aktiviert\n";

TEST(ipconfig_all_german)
{
    CHECK_FACTS(all, "ipconfig",
                FACT("machine", 3,
                     "\"host\":\"IIS01\",\"primary_suffix\":\"test.com\",\"search_list\":["
                     "\"test.com\",\"corp.test.com\"],\"suffixes\":[\"branch.test.com\"],"
                     "\"addresses\":[\"10.0.5.2\"],\"dns_servers\":[\"10.0.5.1\",\"10.0.5.9\"]"));
    check_prefixes(bytes_of_text(all), false);
}

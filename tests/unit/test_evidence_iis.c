/* SPDX-License-Identifier: MIT */
#include "unit/evidence_check.h"

#define SITE(line, site, path, bindings, pool, identity, user, kernel, credentials, auth)          \
    FACT("iis-site", line,                                                                         \
         "\"site\":\"" site "\",\"path\":\"" path "\",\"bindings\":[" bindings "],\"pool\":" pool  \
         ",\"identity\":" identity ",\"user\":" user ",\"kernel_mode\":" kernel                    \
         ",\"use_app_pool_credentials\":" credentials ",\"windows_auth\":" auth)

static const char config[] =
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    "<configuration>\n"
    "<!-- <location path='A'> in a comment -->\n"
    "<system.applicationHost><applicationPools>\n"
    "<add name='P1'><processModel identityType='SpecificUser' userName='T\\svc' "
    "password='x'/></add>\n"
    "<add name='p2' />\n"
    "<add name='P3'><processModel identityType='2'/></add>\n"
    "<applicationPoolDefaults><processModel "
    "identityType='LocalService'/></applicationPoolDefaults>\n"
    "</applicationPools><sites>\n"
    "<site name='A' id='1'><application path='/' applicationPool='P1'/>\n"
    "<application path='/x' applicationPool='P2'/>\n"
    "<bindings><binding protocol='http' bindingInformation='*:80:a.test.com'/></bindings></site>\n"
    "<site name='B' id='2'><application path='/'/></site>\n"
    "<applicationDefaults applicationPool='P3'/>\n"
    "</sites></system.applicationHost>\n"
    "<system.webServer><fastCgi><application fullPath='x'/></fastCgi>\n"
    "<security><authentication><windowsAuthentication enabled='false'><providers>"
    "<add value='Negotiate'/><add value='NTLM'/></providers></windowsAuthentication>"
    "</authentication></security></system.webServer>\n"
    "<location path='a'><system.webServer><security><authentication>"
    "<windowsAuthentication enabled='true' useAppPoolCredentials='true'><providers><clear/>"
    "<add value='Negotiate:Kerberos'/></providers><extendedProtection tokenChecking='Require'/>"
    "</windowsAuthentication></authentication></security></system.webServer></location>\n"
    "<location path='A/X/'><system.webServer><security><authentication>"
    "<windowsAuthentication useKernelMode='false'/></authentication></security>"
    "</system.webServer></location>\n"
    "</configuration>\n";

TEST(iis_inheritance)
{
    struct seen seen;

    CHECK_FACTS(config, "iis",
                SITE(10, "A", "/", "\"http *:80:a.test.com\"", "\"P1\"", "\"SpecificUser\"",
                     "\"T\\\\svc\"", "true", "true", "true")
                    SITE(11, "A", "/x", "\"http *:80:a.test.com\"", "\"P2\"", "\"LocalService\"",
                         "null", "false", "true", "true")
                        SITE(13, "B", "/", "", "\"P3\"", "\"NetworkService\"", "null", "true",
                             "false", "false"));
    see_bytes(&seen, bytes_of_text(config));
    CHECK_INT(seen.log.num, 4);
    CHECK_INT(seen.log.at[1].iis_site->providers.num, 1);
    CHECK_STR(seen.log.at[1].iis_site->providers.at[0], "Negotiate:Kerberos");
    CHECK_STR(seen.log.at[1].iis_site->token_checking, "Require");
    CHECK_INT(seen.log.at[3].iis_site->providers.num, 2);
    CHECK(strstr(text_str(&seen.facts), "password") == NULL);
    seen_clear(&seen);
    check_prefixes(bytes_of_text(config), false);
}

TEST(iis_cut_is_noted)
{
    struct bytes cut = bytes_of_text(config);
    struct seen seen;

    cut.len -= 200;
    see_bytes(&seen, cut);
    CHECK_STR(seen.kind, "iis");
    CHECK_INT(seen_problems(&seen), 1);
    seen_clear(&seen);
}

TEST(iis_fragments)
{
    CHECK_FACTS("Our pools:\n<applicationPools>\n<add name='P'><processModel "
                "identityType='SpecificUser' userName='u'/></add>\n</applicationPools>\nThanks\n",
                "iis",
                FACT("iis-pool", 3, "\"pool\":\"P\",\"identity\":\"SpecificUser\",\"user\":\"u\""));
    /* without system.webServer nothing is known of authentication */
    CHECK_FACTS("<system.applicationHost><sites><site name='S'><application path='/' "
                "applicationPool='P'/></site></sites></system.applicationHost>\n",
                "iis", SITE(1, "S", "/", "", "\"P\"", "null", "null", "null", "null", "null"));
}

TEST(iis_appcmd_lists)
{
    CHECK_FACTS("C:\\>%windir%\\system32\\inetsrv\\appcmd list site\n"
                "SITE \"Default Web Site\" (id:1,bindings:http/*:80:,https/*:443:w.test.com,"
                "state:Started)\n"
                "C:\\>appcmd list app\n"
                "APP \"Default Web Site/\" (applicationPool:DefaultAppPool)\n"
                "APP \"Default Web Site/api\" (applicationPool:Api)\n"
                "C:\\>appcmd list config \"Default Web Site/api\" /section:windowsAuthentication\n"
                "<system.webServer>\n<security>\n<authentication>\n"
                "<windowsAuthentication enabled=\"true\" useKernelMode=\"false\" />\n"
                "</authentication>\n</security>\n</system.webServer>\n",
                "iis",
                SITE(4, "Default Web Site", "/", "\"http *:80:\",\"https *:443:w.test.com\"",
                     "\"DefaultAppPool\"", "null", "null", "null", "null", "null")
                    SITE(5, "Default Web Site", "/api", "\"http *:80:\",\"https *:443:w.test.com\"",
                         "\"Api\"", "null", "null", "false", "null", "true"));
}

TEST(web_config_gives_settings_and_no_event)
{
    struct seen seen;

    see_bytes(&seen, bytes_of_text("<configuration><system.webServer><security><authentication>"
                                   "<windowsAuthentication enabled='true' useKernelMode='false'/>"
                                   "</authentication></security></system.webServer>"
                                   "</configuration>"));
    CHECK_STR(seen.kind, "web.config");
    CHECK_STR(text_str(&seen.facts), "");
    CHECK_INT(seen.log.num, 2);
    if (seen.log.num == 2) {
        CHECK_STR(seen.log.at[1].iis_setting->location, "");
        CHECK_INT(seen.log.at[1].iis_setting->kernel_mode.value, 0);
        CHECK(!seen.log.at[1].iis_setting->use_app_pool_credentials.set);
    }
    seen_clear(&seen);
}

/* Curly quotes of an article. */
TEST(iis_pasted_from_an_article)
{
    struct seen seen;

    see_bytes(&seen, bytes_of_text("<system.webServer>\n<windowsAuthentication "
                                   "enabled=\xE2\x80\x9Dtrue\xE2\x80\x9D "
                                   "useAppPoolCredentials=\xE2\x80\x9Ctrue\xE2\x80\x9D />\n"
                                   "</system.webServer>\n"));
    CHECK_STR(seen.kind, "web.config");
    CHECK_INT(seen.log.num, 2);
    if (seen.log.num == 2)
        CHECK_INT(seen.log.at[1].iis_setting->use_app_pool_credentials.value, 1);
    seen_clear(&seen);
}

TEST(iis_alike)
{
    CHECK_FACTS("<configuration xmlns:xdt='http://schemas.microsoft.com/XML-Document-Transform'>"
                "<system.applicationHost><sites><site name='x' xdt:Transform='Insert'/></sites>"
                "</system.applicationHost></configuration>",
                NULL, "");
    CHECK_FACTS("<configuration><appSettings><add name='x' value='y'/></appSettings>"
                "</configuration>",
                NULL, "");
}

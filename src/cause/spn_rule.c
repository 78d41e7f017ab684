/* SPDX-License-Identifier: MIT */
#include "cause/spn_rule.h"

#include <stddef.h>
#include <string.h>

/* A User-Agent of Edge holds "Chrome", one of Chrome holds "Safari": the special ones come first.
 */
const struct spn_rule spn_rules[] = {
    {"winrm", "WinRM", "takes the typed name, with the class HTTP or WSMAN and no port",
     "New-PSSessionOption -IncludePortInSPN adds the port", HABIT_TYPED, "Microsoft WinRM Client"},
    {"ie", "Internet Explorer and WinINet",
     "takes the canonical name at the end of the CNAME chain, without the port",
     "FEATURE_USE_CNAME_FOR_SPN_KB911149 takes the typed name, "
     "FEATURE_INCLUDE_PORT_IN_SPN_KB908209 adds the port",
     HABIT_CANONICAL, "Trident/|MSIE "},
    {"chrome", "Chrome and Edge",
     "take the canonical name at the end of the CNAME chain, without the port",
     "DisableAuthNegotiateCnameLookup takes the typed name, EnableAuthNegotiatePort adds the port",
     HABIT_CANONICAL, "Edg/|Chrome/|Chromium/"},
    {"firefox", "Firefox",
     "takes the canonical name on Windows, the typed name handed to the GSS library elsewhere",
     "network.negotiate-auth.trusted-uris decides where it answers at all", HABIT_CANONICAL,
     "Firefox/"},
    {"java", "Java",
     "expands a short name to the full name in lower case and does not follow a CNAME to another "
     "host",
     "a fully qualified URL; the krb5.conf of the Java process", HABIT_TYPED,
     "Java/|Apache-HttpClient"},
    {"curl", "curl",
     "takes the typed host without the port; the GSS library below it may replace it by the "
     "canonical or the reverse name",
     "dns_canonicalize_hostname and rdns in krb5.conf; --service-name", HABIT_LIBRARY,
     "curl/|libcurl"},
    {"python", "Python (requests)", "takes the typed host; the GSS library may canonicalise it",
     "hostname_override of the authentication handler; dns_canonicalize_hostname in krb5.conf",
     HABIT_LIBRARY, "python-requests/"},
    {"dotnet", ".NET",
     "takes an explicit Host header where there is one (not for proxies), else the canonical name; "
     ".NET 5 adds the port, later ones only with UsePortInSpn",
     "AuthenticationManager.CustomTargetNameDictionary (.NET Framework), "
     "System.Net.Http.UsePortInSpn",
     HABIT_CANONICAL, "WindowsPowerShell|PowerShell/|.NET"},
    {"mit", "MIT Kerberos",
     "looks the name up forward and, unless rdns = false, the address backward, and takes what it "
     "gets",
     "dns_canonicalize_hostname and rdns in krb5.conf", HABIT_LIBRARY, NULL},
    {"smb", "SMB, RDP and WinRM", "take the typed name", "none", HABIT_TYPED, NULL},
    {"sql", "SQL Server clients", "take the full name from DNS with port or instance",
     "ServerSPN in the connection string", HABIT_CANONICAL, NULL},
    {NULL, NULL, NULL, NULL, HABIT_TYPED, NULL},
};

static int has_mark(const char *text, const char *marks)
{
    while (*marks != '\0') {
        size_t len = strcspn(marks, "|");
        const char *at;

        for (at = text; *at != '\0'; at++)
            if (strncmp(at, marks, len) == 0)
                return 1;
        marks += len;
        marks += *marks == '|';
    }
    return 0;
}

const struct spn_rule *spn_rule_find(const char *user_agent)
{
    const struct spn_rule *rule;

    for (rule = spn_rules; user_agent != NULL && rule->id != NULL; rule++)
        if (rule->marks != NULL && has_mark(user_agent, rule->marks))
            return rule;
    return NULL;
}

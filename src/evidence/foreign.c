/* SPDX-License-Identifier: MIT */
#include "evidence/foreign.h"

struct magic {
    const char *start;
    size_t len;
    const char *name;
};

#define MAGIC(start, name)                                                                         \
    {                                                                                              \
        start, sizeof(start) - 1, name                                                             \
    }

static const struct magic magics[] = {
    MAGIC("ElfFile\0",
          "an event log (.evtx); export its text with: wevtutil qe FILE /lf:true /f:text"),
    MAGIC("PK\x03\x04", "a zip archive; unpack it first"),
    MAGIC("\x1F\x8B", "a gzip file; unpack it first"),
    MAGIC("\xFE\xED\xFE\xED", "a Java key store"),
    MAGIC("\x05\x04", "a Kerberos credential cache; list it with: klist -ef -c FILE"),
    MAGIC("\x05\x03", "a Kerberos credential cache; list it with: klist -ef -c FILE"),
    MAGIC("regf", "a registry hive"),
    MAGIC("\xD0\xCF\x11\xE0", "a document of an old Microsoft Office"),
    MAGIC("%PDF", "a PDF document"),
    MAGIC("\x89PNG", "a picture; the text itself is needed"),
    MAGIC("\xFF\xD8\xFF", "a picture; the text itself is needed"),
    MAGIC("MZ", "a Windows program"),
    MAGIC("\x7F"
          "ELF",
          "a program"),
};

/* Hints for text, first match wins. */
static const struct {
    const char *word, *name;
} words[] = {
    {"http://schemas.microsoft.com/win/2004/08/events/event",
     "Windows events, none of them of Kerberos"},
    {"schemas.microsoft.com/XML-Document-Transform", "a configuration transform"},
    {"<configuration", "a .NET or IIS configuration without sites and authentication settings"},
    {"logEventTypes", "a Chromium net-export log without authentication"},
    {"Nmap scan report", "a port scan"},
    {"ServicePrincipalName",
     "a script's list of service principal names; setspn or ldifde output is needed"},
    {"serviceprincipalname",
     "a script's list of service principal names; setspn or ldifde output is needed"},
    {"setspn", "help or prose about setspn, without its output"},
    {"[global]", "a Samba configuration"},
    {"[sssd]", "an sssd configuration"},
};

const char *foreign_name(const struct document *document)
{
    struct bytes raw = document->raw;
    size_t i;

    if (raw.len == 0)
        return "an empty file";
    for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (raw.len >= magics[i].len && memcmp(raw.at, magics[i].start, magics[i].len) == 0)
            return magics[i].name;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (span_has(document->text, words[i].word))
            return words[i].name;
    return NULL;
}

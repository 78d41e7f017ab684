/* SPDX-License-Identifier: MIT */
/* XML as people paste it: prose around it, several roots, "- " in front of open tags as viewers
 * copy it, cut anywhere. A document type, and with it every entity that is not built in, is refused
 * by construction: all is parsed as content of one element. */
#ifndef KRBWHY_EVIDENCE_XML_H
#define KRBWHY_EVIDENCE_XML_H

#include "evidence/document.h"

struct xml_events {
    void *user;
    /* names and attributes (name, value, ..., NULL) are UTF-8, borrowed during the call */
    void (*start)(void *user, const char *name, const char *const *attributes, int64_t line);
    void (*end)(void *user, const char *name);
    void (*characters)(void *user, struct bytes piece);
};

/* Parses every stretch of XML in the document that begins on a line with one of `roots` (tag names,
 * NULL-ended). After damage elements that were open are ended, *out_damage_line (if not NULL) gets
 * the line of the first damage (else 0), and reading goes on at the next root. */
void xml_read(const struct document *document, const char *const *roots,
              const struct xml_events *events, int64_t *out_damage_line);

/* The value of an attribute, or NULL. */
const char *xml_attribute(const char *const *attributes, const char *name);

#endif

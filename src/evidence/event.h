/* SPDX-License-Identifier: MIT */
/* Events of the Kerberos client and of the KDC, as people paste them. */
#ifndef KRBWHY_EVIDENCE_EVENT_H
#define KRBWHY_EVIDENCE_EVENT_H

#include "evidence/document.h"
#include "evidence/when.h"

/* What a reader of one form hands over: a filled record of that kind. */
struct event_sink {
    const struct document *document;
    enum kind kind; /* KIND_event4, KIND_event3 or KIND_kdc_event: the only one wanted */
    bool dry;       /* count only */
    size_t num;     /* events found */
};

/* Counts one event and, unless dry, appends it. */
void event_put(struct event_sink *sink, int64_t line, const void *record);

void event_read_xml(struct event_sink *sink);
void event_read_text(struct event_sink *sink); /* text, wevtutil, tables */

/* Sets time, time_s and utc of a record from a place in the document. */
#define EVENT_PUT_WHEN(document, record, when)                                                     \
    do {                                                                                           \
        (record)->time = document_text(document, (when)->text);                                    \
        (record)->utc = (when)->utc;                                                               \
        if ((when)->known && (when)->has_time)                                                     \
            (record)->time_s = optint((when)->seconds);                                            \
    } while (0)

/* ---- One message, blanks squeezed, from the event's constant on ---- */

/* Sentences of an Event 4; `before` is what stands in front of KRB_AP_ERR_MODIFIED, `after` what
 * follows it. False when it is no such message. */
bool event4_parse(const struct document *document, struct bytes before, struct bytes after,
                  struct event4 *out);

/* Messages of the KDC in `message`; false when it is none. */
bool kdc_event_parse(const struct document *document, struct bytes message, struct kdc_event *out);

/* A list of numbers at the front of s. */
struct int_list event_numbers(const struct document *document, struct bytes s);

#endif

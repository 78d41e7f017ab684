/* SPDX-License-Identifier: MIT */
/* The kinds event4, event3 and kdc-event: one look at every form in which an event is pasted. */
#include "evidence/event.h"

#include "evidence/json.h"
#include "evidence/kind.h"

void event_put(struct event_sink *sink, int64_t line, const void *record)
{
    sink->num++;
    if (!sink->dry)
        document_fact(sink->document, sink->kind, line, record);
}

/* XML carries the message once more as rendered text: where there is XML, only XML is read. */
static size_t read_events(const struct document *document, enum kind kind, bool dry)
{
    struct event_sink sink = {document, kind, dry, 0};
    struct unescaped unescaped;

    if (span_has(document->text, "<Event"))
        event_read_xml(&sink);
    if (sink.num > 0)
        return sink.num;
    if (unescaped_init(&unescaped, document)) {
        sink.document = &unescaped.document;
        event_read_text(&sink);
        unescaped_clear(&unescaped);
        return sink.num;
    }
    event_read_text(&sink);
    return sink.num;
}

static int score_of(const struct document *document, enum kind kind, const char *const *words)
{
    bool any = span_has(document->text, "<Event");

    /* A look at large files of other kinds has to be cheap. */
    for (; !any && *words != NULL; words++)
        any = span_has(document->text, *words);
    if (!any)
        return SCORE_NONE;
    return read_events(document, kind, true) > 0 ? SCORE_SURE : SCORE_NONE;
}

static int score_event4(const struct document *document)
{
    static const char *const words[] = {"KRB_AP_ERR_MODIFIED", NULL};

    return score_of(document, KIND_event4, words);
}

static int score_event3(const struct document *document)
{
    static const char *const words[] = {"KDC_ERR_", "KRB_AP_ERR_", "KRB_ERR_", "Unknown Error",
                                        NULL};

    return score_of(document, KIND_event3, words);
}

static int score_kdc(const struct document *document)
{
    static const char *const words[] = {"DS_SERVICE_PRINCIPAL_NAME", "DS_USER_PRINCIPAL_NAME",
                                        "DS_UNKNOWN_NAME", "did not have a suitable key", NULL};

    return score_of(document, KIND_kdc_event, words);
}

static void read_event4(const struct document *document)
{
    read_events(document, KIND_event4, false);
}

static void read_event3(const struct document *document)
{
    read_events(document, KIND_event3, false);
}

static void read_kdc(const struct document *document)
{
    read_events(document, KIND_kdc_event, false);
}

const struct evidence_kind evidence_event4 = {"event4", score_event4, read_event4};
const struct evidence_kind evidence_event3 = {"event3", score_event3, read_event3};
const struct evidence_kind evidence_kdc_event = {"kdc-event", score_kdc, read_kdc};

/* SPDX-License-Identifier: MIT */
/* Events as XML: wevtutil, Event Viewer's XML view, Get-WinEvent's ToXml. Data elements have names
 * where the manifest gives them, else the order of the message's inserts. */
#include <stdio.h>

#include "evidence/event.h"
#include "evidence/xml.h"

enum { MAX_DATA = 24 };

struct event {
    int64_t line;
    struct text provider, id, time, computer;
    struct text name[MAX_DATA], value[MAX_DATA];
    size_t num;
    struct text *into; /* where characters go; NULL: nowhere */
};

struct state {
    struct event_sink *sink;
    struct event event;
};

static void reset(struct event *event)
{
    size_t i;

    text_reset(&event->provider);
    text_reset(&event->id);
    text_reset(&event->time);
    text_reset(&event->computer);
    for (i = 0; i < event->num; i++) {
        text_reset(&event->name[i]);
        text_reset(&event->value[i]);
    }
    event->num = 0;
    event->line = 0;
    event->into = NULL;
}

static void clear(struct event *event)
{
    size_t i;

    text_clear(&event->provider);
    text_clear(&event->id);
    text_clear(&event->time);
    text_clear(&event->computer);
    for (i = 0; i < MAX_DATA; i++) {
        text_clear(&event->name[i]);
        text_clear(&event->value[i]);
    }
}

static struct bytes view(const struct text *text)
{
    return span_trim(span((const uint8_t *)text->at, text->len));
}

/* The value of a datum by one of its names (NULL-ended list), or else by its position. */
static const char *datum(const struct state *state, const char *const *names, size_t position)
{
    const struct event *event = &state->event;
    bool named = false;
    size_t i;

    for (i = 0; i < event->num; i++) {
        const char *const *name;

        named = named || event->name[i].len > 0;
        for (name = names; *name != NULL; name++)
            if (span_is_nocase(view(&event->name[i]), *name))
                return document_text(state->sink->document, view(&event->value[i]));
    }
    if (named || position >= event->num)
        return NULL;
    return document_text(state->sink->document, view(&event->value[position]));
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void put_event4(struct state *state, struct when *when)
{
    struct event4 event = {.server = datum(state, NAMES("Server"), 0),
                           .server_realm = datum(state, NAMES("TargetRealm"), 1),
                           .target = datum(state, NAMES("Targetname", "Target"), 2),
                           .client_realm = datum(state, NAMES("ClientRealm"), 3),
                           .computer =
                               document_text(state->sink->document, view(&state->event.computer))};

    if (event.server == NULL && event.target == NULL)
        return;
    EVENT_PUT_WHEN(state->sink->document, &event, when);
    event_put(state->sink, state->event.line, &event);
}

static void put_event3(struct state *state, struct when *when)
{
    struct event3 event = {.extended_error = datum(state, NAMES("ExtendedError"), 5),
                           .client_realm = datum(state, NAMES("ClientRealm"), 6),
                           .client_name = datum(state, NAMES("ClientName"), 7),
                           .server_realm = datum(state, NAMES("ServerRealm"), 8),
                           .server_name = datum(state, NAMES("ServerName"), 9),
                           .target_name = datum(state, NAMES("TargetName"), 10),
                           .computer =
                               document_text(state->sink->document, view(&state->event.computer))};
    const char *code = datum(state, NAMES("ErrorCode"), 3);
    int64_t number;

    if (code != NULL && span_int(bytes_of_text(code), &number))
        event.error_code = optint(number);
    if (event.extended_error != NULL) { /* "0xc0000035 KLIN(0)" */
        struct bytes rest = bytes_of_text(event.extended_error);

        event.extended_error = document_text(state->sink->document, span_word(&rest));
    }
    EVENT_PUT_WHEN(state->sink->document, &event, when);
    event_put(state->sink, state->event.line, &event);
}

static void put_kdc(struct state *state, int64_t id, struct when *when)
{
    struct kdc_event event = {
        .id = id, .computer = document_text(state->sink->document, view(&state->event.computer))};
    const char *requested, *available;

    if (id == 11) {
        event.spn = datum(state, NAMES("Name", "DuplicateName"), 0);
    } else {
        event.service = datum(state, NAMES("Target", "Service", "TargetName"), 0);
        event.account = datum(state, NAMES("Name", "Account", "AccountName"), 1);
        requested = datum(state, NAMES("RequestedEtypes", "Requested", "RequestEtypes"), 3);
        available = datum(state, NAMES("AvailableEtypes", "Available", "AccountEtypes"), 4);
        if (requested != NULL)
            event.requested = event_numbers(state->sink->document, bytes_of_text(requested));
        if (available != NULL)
            event.available = event_numbers(state->sink->document, bytes_of_text(available));
    }
    EVENT_PUT_WHEN(state->sink->document, &event, when);
    event_put(state->sink, state->event.line, &event);
}

static void end_event(struct state *state)
{
    struct event *event = &state->event;
    struct bytes provider = view(&event->provider);
    bool kdc = span_has(provider, "Key-Distribution-Center") || span_has(provider, "KDC");
    bool client = !kdc && span_has(provider, "Kerberos");
    struct when when = {0};
    int64_t id;

    if (event->line == 0 || !span_int(view(&event->id), &id))
        return;
    when_find(view(&event->time), &when);
    if (state->sink->kind == KIND_event4 && client && id == 4 && event->num > 0)
        put_event4(state, &when);
    else if (state->sink->kind == KIND_event3 && client && id == 3 && event->num > 0)
        put_event3(state, &when);
    else if (state->sink->kind == KIND_kdc_event && kdc &&
             (id == 11 || id == 14 || id == 16 || id == 26 || id == 27))
        put_kdc(state, id, &when);
}

static void start(void *user, const char *name, const char *const *attributes, int64_t line)
{
    struct state *state = user;
    struct event *event = &state->event;
    const char *value;

    event->into = NULL;
    if (strcmp(name, "Event") == 0) {
        reset(event);
        event->line = line;
    } else if (strcmp(name, "Provider") == 0) {
        if ((value = xml_attribute(attributes, "Name")) != NULL)
            text_put(&event->provider, value);
        if ((value = xml_attribute(attributes, "EventSourceName")) != NULL)
            text_putf(&event->provider, " %s", value);
    } else if (strcmp(name, "TimeCreated") == 0) {
        if ((value = xml_attribute(attributes, "SystemTime")) != NULL)
            text_put(&event->time, value);
    } else if (strcmp(name, "EventID") == 0) {
        event->into = &event->id;
    } else if (strcmp(name, "Computer") == 0) {
        event->into = &event->computer;
    } else if (strcmp(name, "Data") == 0 && event->num < MAX_DATA) {
        value = xml_attribute(attributes, "Name");
        if (value != NULL)
            text_put(&event->name[event->num], value);
        event->into = &event->value[event->num++];
    }
}

static void end(void *user, const char *name)
{
    struct state *state = user;

    state->event.into = NULL;
    if (strcmp(name, "Event") == 0) {
        end_event(state);
        reset(&state->event);
    }
}

static void characters(void *user, struct bytes piece)
{
    struct state *state = user;

    if (state->event.into != NULL && state->event.into->len < 65536)
        text_put_bytes(state->event.into, piece);
}

void event_read_xml(struct event_sink *sink)
{
    static const char *const roots[] = {"Events", "Event", NULL};
    struct state state = {.sink = sink};
    struct xml_events events = {&state, start, end, characters};
    int64_t damage;

    xml_read(sink->document, roots, &events, &damage);
    if (damage > 0 && sink->num > 0 && !sink->dry)
        document_problem(sink->document, damage, "xml-damaged",
                         "the XML is damaged or cut here; what came before was read");
    clear(&state.event);
}

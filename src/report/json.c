/* SPDX-License-Identifier: MIT */
#include "report/json.h"

#include <inttypes.h>

#include "report/when.h"

void json_init(struct json *json, struct text *out, bool pretty)
{
    memset(json, 0, sizeof(*json));
    json->out = out;
    json->pretty = pretty;
    json->empty = true;
}

static bool on_lines(const struct json *json)
{
    return json->pretty && json->flat == 0;
}

static void new_line(struct json *json)
{
    int i;

    text_put_char(json->out, '\n');
    for (i = 0; i < json->depth; i++)
        text_put(json->out, "  ");
}

/* What stands before a value: comma, line, key. */
static void begin_value(struct json *json, const char *key)
{
    if (!json->empty)
        text_put(json->out, json->pretty && !on_lines(json) ? ", " : ",");
    if (on_lines(json) && json->depth > 0)
        new_line(json);
    json->empty = false;
    if (key == NULL)
        return;
    text_put_char(json->out, '"');
    text_put(json->out, key); /* ours: nothing in it has to be escaped */
    text_put(json->out, json->pretty ? "\": " : "\":");
}

static void begin_nest(struct json *json, const char *key, char bracket, bool flat)
{
    begin_value(json, key);
    text_put_char(json->out, bracket);
    json->depth++;
    json->empty = true;
    if (flat && json->flat == 0)
        json->flat = json->depth;
}

static void end_nest(struct json *json, char bracket)
{
    bool empty = json->empty;

    json->depth--;
    if (!empty && on_lines(json))
        new_line(json);
    if (json->flat > json->depth)
        json->flat = 0;
    text_put_char(json->out, bracket);
    json->empty = false;
}

void json_object(struct json *json, const char *key)
{
    begin_nest(json, key, '{', false);
}

void json_array(struct json *json, const char *key)
{
    begin_nest(json, key, '[', false);
}

void json_flat_object(struct json *json, const char *key)
{
    begin_nest(json, key, '{', true);
}

void json_flat_array(struct json *json, const char *key)
{
    begin_nest(json, key, '[', true);
}

void json_end_object(struct json *json)
{
    end_nest(json, '}');
}

void json_end_array(struct json *json)
{
    end_nest(json, ']');
}

void json_null(struct json *json, const char *key)
{
    begin_value(json, key);
    text_put(json->out, "null");
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin_value(json, key);
    text_put(json->out, value ? "true" : "false");
}

void json_int(struct json *json, const char *key, int64_t value)
{
    char room[24], *at = room + sizeof(room);
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    struct bytes digits;

    do
        *--at = (char)('0' + size % 10);
    while ((size /= 10) > 0);
    if (value < 0)
        *--at = '-';
    digits.at = (const uint8_t *)at;
    digits.len = (size_t)(room + sizeof(room) - at);
    begin_value(json, key);
    text_put_bytes(json->out, digits);
}

void json_optint(struct json *json, const char *key, struct optint value)
{
    if (value.set)
        json_int(json, key, value.value);
    else
        json_null(json, key);
}

void json_text(struct json *json, const char *key, const char *value)
{
    if (value == NULL) {
        json_null(json, key);
        return;
    }
    begin_value(json, key);
    text_put_char(json->out, '"');
    text_put_json(json->out, value);
    text_put_char(json->out, '"');
}

void json_address(struct json *json, const char *key, const struct address *value)
{
    char room[ADDRESS_TEXT_ROOM];

    json_text(json, key, value->family == 0 ? NULL : address_text(value, room));
}

void json_digest(struct json *json, const char *key, const struct digest *value)
{
    char room[DIGEST_TEXT_ROOM];

    json_text(json, key, value->set ? digest_text(value, room) : NULL);
}

void json_port(struct json *json, const char *key, int64_t value)
{
    if (value != 0)
        json_int(json, key, value);
    else
        json_null(json, key);
}

void json_time(struct json *json, const char *key, int64_t ns)
{
    char room[WHEN_TEXT_ROOM];

    json_text(json, key, when_text(ns, room));
}

void json_milliseconds(struct json *json, const char *key, int64_t ms)
{
    uint64_t size = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;

    begin_value(json, key);
    text_putf(json->out, "%s%" PRIu64 ".%03u", ms < 0 ? "-" : "", size / 1000,
              (unsigned)(size % 1000));
}

/* SPDX-License-Identifier: MIT */
#include "protocol/http.h"

#include "base/limits.h"
#include "protocol/http_bytes.h"

bool http_is_word(const uint8_t *at, const char *word, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (http_lower(at[i]) != http_lower((uint8_t)word[i]))
            return false;
    return true;
}

bool http_take_line(struct reader *reader, struct bytes *out_line)
{
    struct bytes rest = {reader->base + reader->at, reader_left(reader)};
    size_t end = http_find(rest, '\n');

    if (end == rest.len)
        return false;
    reader_skip(reader, end + 1);
    *out_line = http_chomp(http_part(rest, 0, end));
    return true;
}

/* ---- Heads ---- */

size_t http_head_len(struct bytes data, size_t *scanned)
{
    size_t at = *scanned;

    while (at < data.len) {
        size_t end = at + http_find(http_part(data, at, data.len), '\n'), next = end + 1;

        if (end == data.len)
            break;
        while (next < data.len && data.at[next] == '\r')
            next++;
        if (next >= data.len) {
            *scanned = end; /* what follows this line end is not known yet */
            return 0;
        }
        if (data.at[next] == '\n')
            return next + 1;
        at = next;
    }
    *scanned = data.len;
    return 0;
}

bool http_take_field(struct bytes *fields, struct http_field *out, bool *odd)
{
    while (fields->len > 0) {
        size_t end = http_find(*fields, '\n'), colon;
        struct bytes line;

        /* A line that begins with a blank goes on with the one before. */
        while (end + 1 < fields->len && http_is_blank(fields->at[end + 1]))
            end += 1 + http_find(http_part(*fields, end + 1, fields->len), '\n');
        line = http_part(*fields, 0, size_min(end, fields->len));
        *fields = http_part(*fields, size_min(end + 1, fields->len), fields->len);
        colon = http_find(line, ':');
        if (colon < line.len && colon > 0) {
            out->name = http_trim(http_part(line, 0, colon));
            out->value = http_trim(http_part(line, colon + 1, line.len));
            return true;
        }
        if (http_trim(line).len > 0 && odd != NULL)
            *odd = true;
    }
    return false;
}

/* The next element of a comma list (RFC 9110 5.6.1), trimmed. */
static bool take_element(struct bytes *list, struct bytes *out)
{
    size_t comma = http_find(*list, ',');

    if (list->len == 0)
        return false;
    *out = http_trim(http_part(*list, 0, comma));
    *list = http_part(*list, size_min(comma + 1, list->len), list->len);
    return true;
}

static bool parse_number(struct bytes text, uint64_t *out)
{
    uint64_t value = 0;
    size_t i;

    for (i = 0; i < text.len; i++) {
        if (!http_is_digit(text.at[i]) || value > (UINT64_MAX >> 2) / 10)
            return false; /* SSTP sends 2^64 - 1 and means nothing by it */
        value = value * 10 + (text.at[i] - (unsigned)'0');
    }
    *out = value;
    return text.len > 0;
}

/* RFC 9112 6.3: a list of the same number twice is that number. */
static void note_length(struct http_head *head, struct bytes value)
{
    struct bytes element;
    uint64_t length = 0;

    while (take_element(&value, &element)) {
        if (!parse_number(element, &length) || (head->has_length && length != head->length))
            head->bad_length = true;
        else
            head->length = length;
        head->has_length = true;
    }
}

static void note_coding(struct http_head *head, struct bytes value)
{
    struct bytes element;

    head->coded = true;
    while (take_element(&value, &element))
        head->chunked = http_is(element, "chunked");
}

static void note_connection(struct http_head *head, struct bytes value)
{
    struct bytes element;

    while (take_element(&value, &element)) {
        head->close |= http_is(element, "close");
        head->keep_alive |= http_is(element, "keep-alive");
    }
}

/* Fields of which the first line's value is kept. */
#define KEPT(name, member)                                                                         \
    {                                                                                              \
        name, sizeof(name) - 1, offsetof(struct http_head, member)                                 \
    }
static const struct {
    const char *name;
    size_t len, at;
} kept[] = {
    KEPT("Host", host), KEPT("Server", server), KEPT("User-Agent", user_agent),
    KEPT("Via", via),   KEPT("Date", date),     KEPT("Content-Type", content_type),
};

static void keep_field(struct http_head *head, const struct http_field *field)
{
    size_t i;

    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        struct bytes *slot = (struct bytes *)(void *)((char *)head + kept[i].at);

        if (field->name.len != kept[i].len ||
            !http_is_word(field->name.at, kept[i].name, kept[i].len))
            continue;
        if (slot->len == 0)
            *slot = field->value;
        return;
    }
}

static void note_field(struct http_head *head, const struct http_field *field)
{
    if (http_is(field->name, "Content-Length"))
        note_length(head, field->value);
    else if (http_is(field->name, "Transfer-Encoding"))
        note_coding(head, field->value);
    else if (http_is(field->name, "Connection") || http_is(field->name, "Proxy-Connection"))
        note_connection(head, field->value);
    else if (http_is(field->name, "Persistent-Auth"))
        head->persistent_auth = http_is(field->value, "true");
    else
        keep_field(head, field);
}

bool http_parse_head(struct bytes head, struct http_head *out)
{
    size_t end = http_find(head, '\n');
    struct bytes line = http_part(head, 0, end), fields;
    struct http_field field;

    memset(out, 0, sizeof(*out));
    line = http_chomp(line);
    if (!http_parse_status_line(line, out) && !http_parse_request_line(line, out))
        return false;
    out->fields = fields = http_part(head, size_min(end + 1, head.len), head.len);
    while (http_take_field(&fields, &field, &out->odd))
        note_field(out, &field);
    return true;
}

size_t http_unfold(struct bytes value, char *out)
{
    size_t i, len = 0;

    for (i = 0; i < value.len; i++) {
        if (!http_is_line_end(value.at[i])) {
            out[len++] = (char)value.at[i];
            continue;
        }
        while (i + 1 < value.len &&
               (http_is_line_end(value.at[i + 1]) || http_is_blank(value.at[i + 1])))
            i++;
        while (len > 0 && http_is_blank((uint8_t)out[len - 1]))
            len--;
        out[len++] = ' ';
    }
    return len;
}

static size_t put(struct bytes bytes, char *out)
{
    if (bytes.at == NULL)
        return 0;
    memcpy(out, bytes.at, bytes.len);
    return bytes.len;
}

size_t http_clean_target(struct bytes target, char *out)
{
    bool absolute = target.len > 0 && target.at[0] != '/';
    size_t colon = http_find(target, ':'), prefix = 0, slash, at, len;
    struct bytes rest, path;

    target.len = size_min(http_find(target, '?'), http_find(target, '#'));
    if (absolute && colon + 2 < target.len && target.at[colon + 1] == '/' &&
        target.at[colon + 2] == '/')
        prefix = colon + 3;
    rest = http_part(target, prefix, target.len);
    slash = absolute ? http_find(rest, '/') : 0;
    path = http_part(rest, slash, rest.len);
    path.len = http_find(path, ';');
    for (at = slash; at > 0 && rest.at[at - 1] != '@'; at--)
        continue;
    len = put(http_part(target, 0, prefix), out);
    len += put(http_part(rest, at, slash), out + len);
    return len + put(path, out + len);
}

/* ---- Bodies ---- */

bool http_is_rpc_channel(const struct http_head *head)
{
    const char *word = "application/rpc";
    struct bytes type =
        http_part(head->content_type, 0, size_min(head->content_type.len, strlen(word)));

    return !head->chunked && head->has_length && head->length >= 128 * 1024 &&
           (http_is(head->method, "RPC_IN_DATA") || http_is(head->method, "RPC_OUT_DATA") ||
            http_is(type, word));
}

enum http_body http_body_of(const struct http_head *head, struct bytes request_method)
{
    if (head->response) {
        if (head->status == 101 || (http_is(request_method, "CONNECT") && head->status / 100 == 2))
            return HTTP_BODY_TUNNEL;
        if (http_is(request_method, "HEAD") || head->status / 100 == 1 || head->status == 204 ||
            head->status == 304)
            return HTTP_BODY_NONE;
    }
    if (head->chunked)
        return HTTP_BODY_CHUNKED;
    if (!head->coded && head->has_length && !head->bad_length)
        return head->length == 0 ? HTTP_BODY_NONE : HTTP_BODY_LENGTH;
    return head->response ? HTTP_BODY_TO_END : HTTP_BODY_NONE;
}

static int hex_value(uint8_t c)
{
    return http_is_digit(c)                               ? c - '0'
           : http_lower(c) >= 'a' && http_lower(c) <= 'f' ? http_lower(c) - 'a' + 10
                                                          : -1;
}

bool http_take_chunk_line(struct reader *reader, uint64_t *out_size)
{
    size_t at = reader->at, i = 0;
    struct bytes line;
    uint64_t size = 0;

    if (reader_left(reader) > LIMIT_CHUNK_LINE_BYTES)
        reader->end = reader->at + LIMIT_CHUNK_LINE_BYTES;
    if (!http_take_line(reader, &line)) {
        if (reader_left(reader) >= LIMIT_CHUNK_LINE_BYTES)
            reader_fail(reader, FAULT_MALFORMED, "a chunk size without an end");
        else
            reader_fail(reader, FAULT_NEEDS_MORE, "the input ends in a chunk size");
        return false;
    }
    line = http_trim(line);
    while (i < line.len && hex_value(line.at[i]) >= 0 && size <= UINT64_MAX >> 8)
        size = size << 4 | (uint64_t)hex_value(line.at[i++]);
    if (i == 0 || (i < line.len && line.at[i] != ';' && !http_is_blank(line.at[i]))) {
        reader_fail_at(reader, FAULT_MALFORMED, "no chunk size", at);
        return false;
    }
    *out_size = size;
    return true;
}

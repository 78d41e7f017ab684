/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "protocol/http.h"
#include "protocol/http_bytes.h"

enum { METHOD_MAX = 32 };

/* RFC 9110 9.3, 5789, 4918 and what Windows adds: before a path these are enough. */
static const char *const methods[] = {
    "GET",    "POST",        "HEAD",         "PUT",      "DELETE", "OPTIONS",   "CONNECT", "TRACE",
    "PATCH",  "PROPFIND",    "PROPPATCH",    "MKCOL",    "COPY",   "MOVE",      "LOCK",    "UNLOCK",
    "REPORT", "RPC_IN_DATA", "RPC_OUT_DATA", "CCM_POST", "SEARCH", "BITS_POST",
};

static bool is_method_char(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static bool is_control(uint8_t c)
{
    return c < 0x20 && c != '\t';
}

static bool is_known_method(struct bytes method)
{
    size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (bytes_equal(method, bytes_of_text(methods[i])))
            return true;
    return false;
}

/* How many octets of "HTTP/1." the bytes begin with. */
static size_t version_prefix(struct bytes bytes)
{
    static const char version[] = "HTTP/1.";
    size_t i = 0;

    while (i < bytes.len && i < sizeof(version) - 1 && bytes.at[i] == (uint8_t)version[i])
        i++;
    return i;
}

/* The version at the end of a request line; false when it is none of HTTP/1. */
static bool split_version(struct bytes line, size_t *out_at, unsigned *out_minor)
{
    size_t at = line.len;

    while (at > 0 && http_is_blank(line.at[at - 1]))
        line.len = --at;
    while (at > 0 && !http_is_blank(line.at[at - 1]))
        at--;
    if (at == 0 || line.len - at != 8 || version_prefix(http_part(line, at, line.len)) != 7 ||
        !http_is_digit(line.at[line.len - 1]))
        return false;
    *out_at = at;
    *out_minor = line.at[line.len - 1] - (unsigned)'0';
    return true;
}

/* "METHOD target HTTP/1.x", without its line end. */
bool http_parse_request_line(struct bytes line, struct http_head *out)
{
    size_t space = http_find(line, ' '), version, i;

    if (space == 0 || space == line.len || space > METHOD_MAX ||
        !split_version(line, &version, &out->minor) || version <= space)
        return false;
    for (i = 0; i < space; i++)
        if (!is_method_char(line.at[i]))
            return false;
    for (; i < line.len; i++)
        if (is_control(line.at[i]))
            return false;
    out->method = http_part(line, 0, space);
    out->target = http_trim(http_part(line, space, version));
    return out->target.len > 0;
}

/* "HTTP/1.x 401 reason", without its line end; the reason and the blank before it may be absent. */
bool http_parse_status_line(struct bytes line, struct http_head *out)
{
    size_t at = 8;

    if (line.len < 12 || version_prefix(line) != 7 || !http_is_digit(line.at[7]) ||
        line.at[8] != ' ')
        return false;
    while (at < line.len && line.at[at] == ' ')
        at++;
    if (line.len - at < 3 || !http_is_digit(line.at[at]) || !http_is_digit(line.at[at + 1]) ||
        !http_is_digit(line.at[at + 2]) || (line.len - at > 3 && !http_is_blank(line.at[at + 3])))
        return false;
    out->minor = line.at[7] - (unsigned)'0';
    out->status = (line.at[at] - (unsigned)'0') * 100 + (line.at[at + 1] - (unsigned)'0') * 10 +
                  (line.at[at + 2] - (unsigned)'0');
    out->reason = http_trim(http_part(line, at + 3, line.len));
    out->response = true;
    return true;
}

/* A line whose end is not there yet. */
static enum http_line unfinished_line(struct bytes line)
{
    size_t space = http_find(line, ' '), i, same = version_prefix(line);

    if (line.len > LIMIT_HTTP_HEADER_BYTES)
        return HTTP_LINE_NO;
    if (same == 7 || same == line.len)
        return HTTP_LINE_MORE;
    if (space > METHOD_MAX || space == 0)
        return HTTP_LINE_NO;
    for (i = 0; i < space; i++)
        if (!is_method_char(line.at[i]))
            return HTTP_LINE_NO;
    for (; i < line.len; i++)
        if (is_control(line.at[i]) && line.at[i] != '\r')
            return HTTP_LINE_NO;
    return HTTP_LINE_MORE;
}

enum http_line http_start_line(struct bytes first)
{
    struct http_head head = {0};
    size_t end = http_find(first, '\n');
    struct bytes line = http_part(first, 0, end);

    if (end == first.len)
        return unfinished_line(first);
    line = http_chomp(line);
    return http_parse_status_line(line, &head)    ? HTTP_LINE_RESPONSE
           : http_parse_request_line(line, &head) ? HTTP_LINE_REQUEST
                                                  : HTTP_LINE_NO;
}

enum http_line http_first_line(struct bytes first)
{
    enum http_line line = http_start_line(first);
    size_t space = http_find(first, ' ');

    if (line != HTTP_LINE_MORE)
        return line;
    if (space + 1 < first.len && first.at[space + 1] == '/' &&
        is_known_method(http_part(first, 0, space)))
        return HTTP_LINE_REQUEST;
    return line;
}

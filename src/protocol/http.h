/* SPDX-License-Identifier: MIT */
/* Head and framing of HTTP/1.x messages (RFC 9112). Everything is borrowed from the bytes given;
 * lines may end in LF alone (2.2), and what a recipient may repair is read, not refused. */
#ifndef KRBWHY_PROTOCOL_HTTP_H
#define KRBWHY_PROTOCOL_HTTP_H

#include "base/reader.h"

/* What the first line of some bytes is. */
enum http_line {
    HTTP_LINE_NO,
    HTTP_LINE_MORE, /* its end is not there; it is fine so far */
    HTTP_LINE_REQUEST,
    HTTP_LINE_RESPONSE
};

/* Looks at a start line (RFC 9112 3, 4) of HTTP/1.x. A request line is one when its method is a
 * token in capitals and it ends in HTTP/1.x. At most LIMIT_HTTP_HEADER_BYTES are asked for. */
enum http_line http_start_line(struct bytes first);

/* The same from the beginning of a connection: a well-known method before a path needs no more. */
enum http_line http_first_line(struct bytes first);

/* Length of the head with the empty line that ends it; 0 while that is not there. *scanned is how
 * far earlier calls looked in the same bytes (0 at first); it is moved on. */
size_t http_head_len(struct bytes data, size_t *scanned);

struct http_head {
    bool response;
    struct bytes method, target; /* request */
    unsigned status;             /* response */
    struct bytes reason;
    unsigned minor;      /* of HTTP/1.minor */
    struct bytes fields; /* all field lines, for http_take_field */
    /* Of the first line of each; empty when absent. As written, folds inside (http_unfold). */
    struct bytes host, server, user_agent, via, date, content_type;
    bool has_length, bad_length; /* Content-Length: present; no number, or two that differ */
    uint64_t length;
    bool coded, chunked; /* Transfer-Encoding: present; "chunked" is its last word */
    bool close, keep_alive, persistent_auth;
    bool odd; /* a line that is no field line: not what a server sends */
};

struct http_field {
    struct bytes name, value; /* without blanks around it; folds (RFC 9112 5.2) inside */
};

/* Reads a head as http_head_len measures it; cut heads too. False when the first line is none. */
bool http_parse_head(struct bytes head, struct http_head *out);

/* The next field line of http_head.fields; false at the end. Lines without a colon are passed over
 * and set *odd, which may be NULL. */
bool http_take_field(struct bytes *fields, struct http_field *out, bool *odd);

bool http_is_word(const uint8_t *at, const char *word, size_t len);

/* Case-insensitive comparison with an ASCII word. Most differ in length already, which is known
 * where the word is. */
static inline bool http_is(struct bytes bytes, const char *word)
{
    size_t len = strlen(word);

    return bytes.len == len && http_is_word(bytes.at, word, len);
}

/* The value in one line: each fold becomes a blank. out has room for value.len; returns the
 * length. */
size_t http_unfold(struct bytes value, char *out);

/* The target without query, fragment, path parameters (";jsessionid=") and user info, which may be
 * secret. out has room for target.len; returns the length. */
size_t http_clean_target(struct bytes target, char *out);

/* One start line without its line end; false when it is none. */
bool http_parse_request_line(struct bytes line, struct http_head *out);
bool http_parse_status_line(struct bytes line, struct http_head *out);

enum http_body {
    HTTP_BODY_NONE,
    HTTP_BODY_LENGTH,
    HTTP_BODY_CHUNKED,
    HTTP_BODY_TO_END, /* of the connection */
    HTTP_BODY_TUNNEL  /* another protocol follows: CONNECT with 2xx, 101 */
};

/* RFC 9112 6.3. For a response, `request_method` is that of its request, empty when unknown. */
enum http_body http_body_of(const struct http_head *head, struct bytes request_method);

/* RPC over HTTP (MS-RPCH 2.1.2.1): a channel whose Content-Length says nothing about a message. */
bool http_is_rpc_channel(const struct http_head *head);

/* A chunk's first line (RFC 9112 7.1) with its size and extensions. The reader is open:
 * FAULT_NEEDS_MORE while the line is not there, FAULT_MALFORMED when it is none. */
bool http_take_chunk_line(struct reader *reader, uint64_t *out_size);

/* A line up to LF, taken without its line end; false, and nothing taken, when no LF is there. */
bool http_take_line(struct reader *reader, struct bytes *out_line);

#endif

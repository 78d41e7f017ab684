/* SPDX-License-Identifier: MIT */
/* Writes JSON (RFC 8259). The only place that knows its punctuation. */
#ifndef KRBWHY_REPORT_JSON_H
#define KRBWHY_REPORT_JSON_H

#include "base/address.h"
#include "base/digest.h"
#include "base/text.h"
#include "observation/record.h"

struct json {
    struct text *out;
    bool pretty; /* one member a line, indented by two; else all on one line */
    int depth;
    int flat;   /* depth from which everything stands on one line; 0: none */
    bool empty; /* nothing in the object or array that is open */
};

/* Starts a document that is appended to out. */
void json_init(struct json *json, struct text *out, bool pretty);

/* Keys are static text of our own, without anything to escape; values may hold anything.
 *
 * An object or array; key is NULL inside an array and for the document itself. json_flat_* keep
 * all that is inside on one line. */
void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
void json_flat_object(struct json *json, const char *key);
void json_flat_array(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_end_array(struct json *json);

/* Values. What is absent (NULL, not set, family 0) is written as null. */
void json_null(struct json *json, const char *key);
void json_bool(struct json *json, const char *key, bool value);
void json_int(struct json *json, const char *key, int64_t value);
void json_optint(struct json *json, const char *key, struct optint value);
void json_text(struct json *json, const char *key, const char *value);
void json_address(struct json *json, const char *key, const struct address *value);
void json_digest(struct json *json, const char *key, const struct digest *value);
/* A number that is null when it is 0: ports, counts that may be unknown. */
void json_port(struct json *json, const char *key, int64_t value);
/* RFC 3339 from nanoseconds since 1970. */
void json_time(struct json *json, const char *key, int64_t ns);
/* Milliseconds as a number of seconds: 137.500. */
void json_milliseconds(struct json *json, const char *key, int64_t ms);

#endif

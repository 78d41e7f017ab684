/* SPDX-License-Identifier: MIT */
/* The decoded messages themselves, one JSON object a line. */
#include <stdlib.h>

#include "asn1/names.h"
#include "base/memory.h"
#include "evidence/fact_json.h"
#include "report/json.h"
#include "report/parts.h"
#include "report/report.h"

/* How a field of a record is printed. Fields without a row keep their name, and are left out when
 * absent; numbers are always there. References to other observations never are: their ids mean
 * nothing outside the log. */
enum shape {
    SHAPE_ALWAYS, /* null when absent */
    SHAPE_NEVER,
    SHAPE_SECONDS, /* seconds since 1970, as a time; left out when absent */
    SHAPE_NANOSECONDS,
    SHAPE_TIME, /* as SHAPE_SECONDS, and null when absent */
    SHAPE_TICKET,
    SHAPE_TICKETS,
    SHAPE_ANSWERS,       /* an UPDATE's prerequisites without data answer nothing */
    SHAPE_REQUEST_ETYPES /* null except in KDC-REQ */
};

static const struct rule {
    const char *record, *field, *as;
    enum shape shape;
} rules[] = {
    {"krb", "realm", "realm", SHAPE_ALWAYS},
    {"krb", "sname", "sname", SHAPE_ALWAYS},
    {"krb", "crealm", "crealm", SHAPE_ALWAYS},
    {"krb", "cname", "cname", SHAPE_ALWAYS},
    {"krb", "etypes", "etypes", SHAPE_REQUEST_ETYPES},
    {"krb", "till_s", "till", SHAPE_SECONDS},
    {"krb", "rtime_s", "rtime", SHAPE_SECONDS},
    {"krb", "stime_s", "stime", SHAPE_TIME},
    {"krb", "ctime_s", "ctime", SHAPE_TIME},
    {"krb", "error_code", "error_code", SHAPE_ALWAYS},
    {"krb", "ticket", "ticket", SHAPE_TICKET},
    {"krb", "additional_tickets", "additional_tickets", SHAPE_TICKETS},
    {"krb", "whole_sha256", NULL, SHAPE_NEVER},
    {"ntlm", "time_ns", "server_time", SHAPE_NANOSECONDS},
    {"dns", "response", "response", SHAPE_ALWAYS},
    {"dns", "qname", "qname", SHAPE_ALWAYS},
    {"dns", "qtype", "qtype", SHAPE_ALWAYS},
    {"dns", "answers", "answers", SHAPE_ANSWERS},
    {"answer", "ttl", "ttl", SHAPE_ALWAYS},
    {"answer", "value", "value", SHAPE_ALWAYS},
    {"http", "response", "response", SHAPE_ALWAYS},
    {"http", "method", "method", SHAPE_ALWAYS},
    {"http", "target", "target", SHAPE_ALWAYS},
    {"http", "host", "host", SHAPE_ALWAYS},
    {"http", "status", "status", SHAPE_ALWAYS},
    {"http", "server", "server", SHAPE_ALWAYS},
    {"http", "user_agent", "user_agent", SHAPE_ALWAYS},
    {"http", "date_s", "date", SHAPE_SECONDS},
};

enum { MOST_FIELDS = 40, MOST_TYPES = 16 };

/* The rules of a record type, field by field, looked up once. */
struct plan {
    const struct record_type *type;
    const struct rule *rules[MOST_FIELDS]; /* NULL: the field is printed as it is */
};

/* Writes events. */
struct pen {
    struct json json;
    struct plan plans[MOST_TYPES];
    size_t num_plans;
};

/* Kinds that are messages on the wire. */
static bool is_message(enum kind kind)
{
    return kind == KIND_krb || kind == KIND_gss || kind == KIND_ntlm || kind == KIND_dns ||
           kind == KIND_http || kind == KIND_tls || kind == KIND_smb2 || kind == KIND_ldap ||
           kind == KIND_dcerpc;
}

static const struct rule *find_rule(const char *record, const char *field)
{
    size_t i;

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (strcmp(rules[i].record, record) == 0 && strcmp(rules[i].field, field) == 0)
            return &rules[i];
    return NULL;
}

static const struct plan *plan_of(struct pen *pen, const struct record_type *type)
{
    struct plan *plan;
    size_t i;

    for (i = 0; i < pen->num_plans; i++)
        if (pen->plans[i].type == type)
            return &pen->plans[i];
    if (pen->num_plans == MOST_TYPES)
        abort(); /* more kinds of record than records.def has messages */
    plan = &pen->plans[pen->num_plans++];
    plan->type = type;
    for (i = 0; type->fields[i].name != NULL; i++) {
        if (i == MOST_FIELDS)
            abort();
        plan->rules[i] = find_rule(type->name, type->fields[i].name);
    }
    return plan;
}

static void put_fields(struct pen *pen, const struct record_type *type, const void *record);

static void put_list(struct pen *pen, const char *name, const struct field *field,
                     const void *value)
{
    const struct int_list *ints = value;
    const struct text_list *texts = value;
    const struct krb_list *any = value; /* every list of records has this layout */
    size_t i;

    json_array(&pen->json, name);
    if (field->type == FIELD_INTS)
        for (i = 0; i < ints->num; i++)
            json_int(&pen->json, NULL, ints->at[i]);
    if (field->type == FIELD_TEXTS)
        for (i = 0; i < texts->num; i++)
            json_text(&pen->json, NULL, texts->at[i]);
    if (field->type == FIELD_LIST)
        for (i = 0; i < any->num; i++) {
            json_object(&pen->json, NULL);
            put_fields(pen, field->of, (const char *)any->at + i * field->of->size);
            json_end_object(&pen->json);
        }
    json_end_array(&pen->json);
}

static void put_plain(struct pen *pen, const char *name, const struct field *field,
                      const void *value, bool always)
{
    const struct optint *opt = value;
    const char *text;
    const void *one;

    switch (field->type) {
    case FIELD_REF:
        break;
    case FIELD_INT:
        json_int(&pen->json, name, *(const int64_t *)value);
        break;
    case FIELD_OPTINT:
        if (opt->set || always)
            json_optint(&pen->json, name, *opt);
        break;
    case FIELD_BOOLEAN:
        if (*(const bool *)value || always)
            json_bool(&pen->json, name, *(const bool *)value);
        break;
    case FIELD_TEXT:
        text = *(const char *const *)value;
        if (text != NULL || always)
            json_text(&pen->json, name, text);
        break;
    case FIELD_ADDRESS:
        if (((const struct address *)value)->family != 0 || always)
            json_address(&pen->json, name, value);
        break;
    case FIELD_DIGEST:
        if (((const struct digest *)value)->set || always)
            json_digest(&pen->json, name, value);
        break;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        if (((const struct int_list *)value)->num > 0 || always)
            put_list(pen, name, field, value);
        break;
    case FIELD_ONE:
        one = *(const void *const *)value;
        if (one == NULL)
            break;
        json_object(&pen->json, name);
        put_fields(pen, field->of, one);
        json_end_object(&pen->json);
        break;
    }
}

static void put_answers(struct pen *pen, const char *name, const struct dns *dns)
{
    enum { UPDATE = 5 }; /* RFC 2136, 2.2; NetBIOS registrations use the number too, with data */
    size_t i;

    json_array(&pen->json, name);
    for (i = 0; i < dns->answers.num; i++) {
        if (dns->opcode == UPDATE && dns->answers.at[i].value == NULL)
            continue;
        json_object(&pen->json, NULL);
        put_fields(pen, &answer_type, &dns->answers.at[i]);
        json_end_object(&pen->json);
    }
    json_end_array(&pen->json);
}

static void put_shaped(struct pen *pen, const struct rule *rule, const struct field *field,
                       const void *value, const void *record)
{
    static const struct optint none = {false, 0};
    const struct optint *opt = value;
    const struct ticket_list *tickets = value;
    const struct krb *krb = record;
    size_t i;

    switch (rule->shape) {
    case SHAPE_NEVER:
        break;
    case SHAPE_ALWAYS:
        put_plain(pen, rule->as, field, value, true);
        break;
    case SHAPE_TIME:
    case SHAPE_SECONDS:
        if (opt->set || rule->shape == SHAPE_TIME)
            json_kerberos_time(&pen->json, rule->as, *opt, none, 0);
        break;
    case SHAPE_NANOSECONDS:
        if (opt->set)
            json_time(&pen->json, rule->as, opt->value);
        break;
    case SHAPE_TICKET:
        json_ticket(&pen->json, rule->as, *(const struct ticket *const *)value);
        break;
    case SHAPE_TICKETS:
        if (tickets->num == 0)
            break;
        json_array(&pen->json, rule->as);
        for (i = 0; i < tickets->num; i++)
            json_ticket(&pen->json, NULL, &tickets->at[i]);
        json_end_array(&pen->json);
        break;
    case SHAPE_ANSWERS:
        put_answers(pen, rule->as, record);
        break;
    case SHAPE_REQUEST_ETYPES:
        if (krb->msg_type == 10 || krb->msg_type == 12)
            put_list(pen, rule->as, field, value);
        else
            json_null(&pen->json, rule->as);
        break;
    }
}

/* The fields of a record in the order of records.def. */
static void put_fields(struct pen *pen, const struct record_type *type, const void *record)
{
    const struct plan *plan = plan_of(pen, type);
    size_t i;

    for (i = 0; type->fields[i].name != NULL; i++) {
        const struct field *field = &type->fields[i];
        const void *value = (const char *)record + field->offset;

        if (plan->rules[i] != NULL)
            put_shaped(pen, plan->rules[i], field, value, record);
        else
            put_plain(pen, field->name, field, value, false);
    }
}

/* Names that stand beside the numbers, and short forms of what stands deeper in the record. */
static void put_names(struct pen *pen, const struct observation *o)
{
    size_t i;

    if (o->kind == KIND_krb) {
        const struct optint *code = &o->krb->error_code;

        json_text(&pen->json, "msg", krb_message_name(o->krb->msg_type));
        json_text(&pen->json, "error", code->set ? krb_error_name(code->value) : NULL);
    }
    if (o->kind == KIND_http) {
        json_array(&pen->json, "schemes");
        for (i = 0; i < o->http->auths.num; i++)
            if (!o->http->auths.at[i].further) /* a line has one scheme, as tshark shows it */
                json_text(&pen->json, NULL, o->http->auths.at[i].scheme);
        json_end_array(&pen->json);
    }
}

static void put_message(struct pen *pen, struct text *out, int64_t capture, int64_t frame,
                        const struct observation *o)
{
    const struct source *from = &o->source;
    const struct record_type *type = kind_type(o->kind);
    struct json *json = &pen->json;

    json_init(json, out, false);
    json_object(json, NULL);
    json_text(json, "event", type->name);
    json_int(json, "capture", capture);
    json_int(json, "frame", frame);
    json_time(json, "time", from->time_ns);
    json_address(json, "src", &from->src);
    json_port(json, "sport", from->sport);
    json_address(json, "dst", &from->dst);
    json_port(json, "dport", from->dport);
    json_text(json, "carrier", from->carrier);
    if (from->process != NULL)
        json_text(json, "process", from->process);
    if (from->pid.set)
        json_int(json, "pid", from->pid.value);
    put_names(pen, o);
    put_fields(pen, type, o->record);
    if (from->damaged != NULL)
        json_text(json, "damaged", from->damaged);
    json_end_object(json);
    text_put_char(out, '\n');
}

/* What stands in the output, where. */
struct event {
    int64_t capture, frame, id;
};

/* By input, then frame, then the order of the log. */
static int compare(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    int64_t left[3] = {x->capture, x->frame, x->id}, right[3] = {y->capture, y->frame, y->id};
    int i;

    for (i = 0; i < 3; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

/* True when the observation is a line of its own. */
static bool is_event(const struct observation *o, const struct report_input *inputs,
                     size_t num_inputs, bool evidence)
{
    const struct report_input *input;

    size_t at = report_place(inputs, num_inputs, &o->source).input;

    if (at == SIZE_MAX)
        return false;
    input = &inputs[at];
    if (input->ignored)
        return false;
    return input->evidence ? evidence && fact_event(o->kind) != NULL : is_message(o->kind);
}

void events_render(struct text *out, const struct report_input *inputs, size_t num_inputs,
                   const struct log *log, bool evidence)
{
    struct event *sorted = memory_take((size_t)log->last, sizeof(*sorted));
    struct log_room room = {.arena = {0}};
    int64_t *number = memory_take(num_inputs, sizeof(*number));
    struct pen pen = {.num_plans = 0};
    size_t i, num = 0;
    int64_t captures = 0, id;

    for (i = 0; i < num_inputs; i++)
        number[i] = inputs[i].evidence || inputs[i].ignored ? -1 : captures++;
    for (id = 1; id <= log->last; id++) {
        const struct observation *o = log_look(log, id, &room);

        if (o != NULL && is_event(o, inputs, num_inputs, evidence))
            sorted[num++] = (struct event){o->source.capture, o->source.frame, id};
    }
    if (num > 1)
        qsort(sorted, num, sizeof(*sorted), compare);
    for (i = 0; i < num; i++) {
        const struct observation *o = log_look(log, sorted[i].id, &room);
        struct report_place place = report_place(inputs, num_inputs, &o->source);

        if (is_message(o->kind))
            put_message(&pen, out, number[place.input], place.frame, o);
        else
            fact_json(out, o, inputs[place.input].path);
    }
    log_leave(&room);
    memory_drop(number);
    memory_drop(sorted);
}

/* SPDX-License-Identifier: MIT */
#include "evidence/fact_json.h"

#include <inttypes.h>

/* Fields in the order in which they are printed; "?" marks a number that means false or true. */
struct shape {
    enum kind kind;
    const char *event;
    const char *fields[14];
};

static const struct shape shapes[] = {
    {KIND_spn_owner, "spn-owner", {"spn", "account", "dn"}},
    {KIND_spn_duplicate, "spn-duplicate", {"spn"}},
    {KIND_spn_absent, "spn-absent", {"spn"}},
    {KIND_account, "account", {"account", "dn", "upn", "spns", "etypes", "kvno"}},
    {KIND_cached_ticket,
     "cached-ticket",
     {"client", "server", "etype", "kvno", "start", "end", "kdc"}},
    {KIND_host_name, "name", {"name", "type", "value", "origin"}},
    {KIND_machine,
     "machine",
     {"host", "primary_suffix", "search_list", "suffixes", "addresses", "dns_servers"}},
    {KIND_iis_site,
     "iis-site",
     {"site", "path", "bindings", "pool", "identity", "user", "?kernel_mode",
      "?use_app_pool_credentials", "?windows_auth"}},
    {KIND_iis_pool, "iis-pool", {"pool", "identity", "user"}},
    {KIND_event4, "event4", {"server", "target", "client_realm", "server_realm", "time"}},
    {KIND_event3,
     "event3",
     {"error_code", "extended_error", "client_realm", "client_name", "server_realm", "server_name",
      "target_name", "time"}},
    {KIND_kdc_event,
     "kdc-event",
     {"id", "spn", "service", "account", "requested", "available", "time"}},
    {KIND_krb5_conf,
     "krb5-conf",
     {"default_realm", "rdns", "dns_canonicalize_hostname", "permitted_enctypes"}},
    {KIND_key, "key", {"principal", "kvno", "etype"}},
    {KIND_nltest, "nltest", {"domain", "dc", "status"}},
    {KIND_repadmin, "repadmin", {"object", "dc", "attribute", "version", "time", "dsa"}},
    {KIND_dcdiag, "dcdiag", {"dc", "test", "?passed", "error"}},
    {KIND_netmon, "netmon", {"error_code", "realm", "sname"}},
    {KIND_krb5trace, "krb5trace", {"client", "server", "error_code", "message", "acceptor"}},
    {KIND_netlog, "netlog", {"url_host", "spn", "security_status", "net_error"}},
};

static const struct shape *find_shape(enum kind kind)
{
    size_t i;

    for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (shapes[i].kind == kind)
            return &shapes[i];
    return NULL;
}

const char *fact_event(enum kind kind)
{
    const struct shape *shape = find_shape(kind);

    return shape == NULL ? NULL : shape->event;
}

static void put_string(struct text *out, const char *str)
{
    if (str == NULL) {
        text_put(out, "null");
        return;
    }
    text_put_char(out, '"');
    text_put_json(out, str);
    text_put_char(out, '"');
}

static void put_strings(struct text *out, const struct text_list *list)
{
    size_t i;

    text_put_char(out, '[');
    for (i = 0; i < list->num; i++) {
        if (i > 0)
            text_put_char(out, ',');
        put_string(out, list->at[i]);
    }
    text_put_char(out, ']');
}

static void put_numbers(struct text *out, const struct int_list *list)
{
    size_t i;

    text_put_char(out, '[');
    for (i = 0; i < list->num; i++)
        text_putf(out, "%s%" PRId64, i > 0 ? "," : "", list->at[i]);
    text_put_char(out, ']');
}

static void put_optional(struct text *out, const struct optint *opt, bool truth)
{
    if (!opt->set)
        text_put(out, "null");
    else if (truth)
        text_put(out, opt->value != 0 ? "true" : "false");
    else
        text_putf(out, "%" PRId64, opt->value);
}

static void put_value(struct text *out, const struct field *field, const void *at, bool truth)
{
    switch (field->type) {
    case FIELD_INT:
        text_putf(out, "%" PRId64, *(const int64_t *)at);
        break;
    case FIELD_OPTINT:
        put_optional(out, at, truth);
        break;
    case FIELD_BOOLEAN:
        text_put(out, *(const bool *)at ? "true" : "false");
        break;
    case FIELD_INTS:
        put_numbers(out, at);
        break;
    case FIELD_TEXTS:
        put_strings(out, at);
        break;
    case FIELD_TEXT:
        put_string(out, *(const char *const *)at);
        break;
    case FIELD_REF:
    case FIELD_ADDRESS:
    case FIELD_DIGEST:
    case FIELD_LIST:
    case FIELD_ONE:
        text_put(out, "null"); /* no fact has such a field */
        break;
    }
}

static void put_field(struct text *out, const struct record_type *type, const void *record,
                      const char *name)
{
    bool truth = name[0] == '?';
    const struct field *field;

    name += truth;
    for (field = type->fields; field->name != NULL; field++) {
        if (strcmp(field->name, name) != 0)
            continue;
        text_putf(out, ",\"%s\":", name);
        put_value(out, field, (const char *)record + field->offset, truth);
    }
}

bool fact_json(struct text *out, const struct observation *observation, const char *file)
{
    const struct shape *shape = find_shape(observation->kind);
    size_t i;

    if (shape == NULL)
        return false;
    text_putf(out, "{\"event\":\"%s\",\"file\":", shape->event);
    put_string(out, file);
    text_putf(out, ",\"line\":%" PRId64, observation->source.line);
    for (i = 0; i < sizeof(shape->fields) / sizeof(shape->fields[0]) && shape->fields[i] != NULL;
         i++)
        put_field(out, kind_type(observation->kind), observation->record, shape->fields[i]);
    text_put(out, "}\n");
    return true;
}

/* SPDX-License-Identifier: MIT */
/* DNS and NetBIOS name messages. Beyond "no crash": every name that the walk lets through is one
 * that c-ares reads too, both with the same octets; records are bounded; what a cut message gives
 * is a beginning of what the whole one gives. */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "protocol/nbns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* RFC 1035 4.1.4 once more, as simply as can be, for names that are known to be sound. */
static void expand(const uint8_t *data, size_t at, char *out)
{
    uint8_t raw[512];
    size_t num = 0;

    for (;;) {
        uint8_t octet = data[at];

        if (octet == 0)
            break;
        if (octet >= 0xC0) {
            at = (size_t)(octet & 0x3F) << 8 | data[at + 1];
            continue;
        }
        if (num > 0)
            raw[num++] = '.';
        memcpy(raw + num, data + at + 1, octet);
        num += octet;
        at += (size_t)octet + 1;
    }
    dns_show_octets((struct bytes){raw, num}, out);
}

static void check_text(const char *text, size_t room)
{
    struct bytes bytes = bytes_of_text(text);

    assert(bytes.len < room);
    assert(utf8_clean(bytes, NULL) == bytes.len);
}

/* At every offset, so that pointers of all kinds are met. */
static void check_names(const uint8_t *data, size_t len)
{
    size_t at;

    for (at = 0; at < len && at < 600; at++) {
        char name[DNS_NAME_ROOM], again[DNS_NAME_ROOM], decoded[DNS_NAME_ROOM];
        struct reader reader;

        reader_init(&reader, (struct bytes){data, len}, false);
        reader.at = at;
        if (!dns_take_name(&reader, len, name)) {
            assert(reader.fault != FAULT_NONE && name[0] == '\0');
            assert(reader.fault_what == NULL || strstr(reader.fault_what, "c-ares") == NULL);
            continue;
        }
        assert(reader.at > at && reader.at <= len);
        expand(data, at, again);
        assert(strcmp(name, again) == 0);
        check_text(name, sizeof(name));
        nbns_name(name, decoded);
        check_text(decoded, sizeof(decoded));
    }
}

struct outcome {
    size_t records, chars;
    struct dns_message message;
};

static void decode(const uint8_t *data, size_t len, size_t missing, struct outcome *out)
{
    struct dns_record record;
    char value[DNS_VALUE_ROOM];

    memset(out, 0, sizeof(*out));
    if (!dns_parse((struct bytes){data, len}, missing, &out->message)) {
        assert(len < DNS_HEADER_BYTES);
        return;
    }
    check_text(out->message.qname, DNS_NAME_ROOM);
    while (dns_take_record(&out->message, &record)) {
        out->records++;
        check_text(record.name, DNS_NAME_ROOM);
        assert(record.data.len <= len);
        dns_value(&out->message, &record, value);
        check_text(value, DNS_VALUE_ROOM);
        out->chars += strlen(record.name) + strlen(value);
    }
    assert(out->records <= LIMIT_DNS_RECORDS);
    assert(out->chars <= LIMIT_MESSAGE_BYTES + DNS_NAME_ROOM + DNS_VALUE_ROOM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct outcome whole, cut;

    check_names(data, len);
    nbns_plausible((struct bytes){data, len});
    decode(data, len, 0, &whole);
    decode(data, len / 2, len - len / 2, &cut);
    assert(cut.records <= whole.records + 1); /* one may be cut in its data */
    return 0;
}

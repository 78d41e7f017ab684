/* SPDX-License-Identifier: MIT */
#include "asn1/mit.h"

#include <stdlib.h>
#include <string.h>

#include "asn1/mit_krb5.h"
#include "base/limits.h"
#include "base/memory.h"

struct mit {
    krb5_context context;
};

enum { USAGE_TICKET = 2 }; /* RFC 4120, 7.5.1 */

struct mit *mit_open(void)
{
    struct mit *mit = memory_take(1, sizeof(*mit));
    profile_t profile = NULL;

    if (profile_init(NULL, &profile) != 0 ||
        krb5_init_context_profile(profile, KRB5_INIT_CONTEXT_SECURE, &mit->context) != 0) {
        memory_drop(mit);
        mit = NULL;
    }
    if (profile != NULL)
        profile_release(profile);
    return mit;
}

void mit_close(struct mit *mit)
{
    if (mit == NULL)
        return;
    krb5_free_context(mit->context);
    memory_drop(mit);
}

/* The KERB_VALIDATION_INFO of a PAC ([MS-PAC] 2.4), copied. */
static struct bytes find_logon_info(struct mit *mit, struct arena *arena,
                                    const krb5_enc_tkt_part *part)
{
    struct bytes out = {NULL, 0};
    krb5_authdata **found = NULL;
    krb5_pac pac = NULL;
    krb5_data info = {0};

    if (part->authorization_data == NULL ||
        krb5_find_authdata(mit->context, part->authorization_data, NULL, KRB5_AUTHDATA_WIN2K_PAC,
                           &found) != 0 ||
        found == NULL)
        return out;
    if (found[0] != NULL &&
        krb5_pac_parse(mit->context, found[0]->contents, found[0]->length, &pac) == 0) {
        if (krb5_pac_get_buffer(mit->context, pac, KRB5_PAC_LOGON_INFO, &info) == 0) {
            out = arena_bytes(arena, (struct bytes){(const uint8_t *)info.data, info.length});
            krb5_free_data_contents(mit->context, &info);
        }
        krb5_pac_free(mit->context, pac);
    }
    krb5_free_authdata(mit->context, found);
    return out;
}

/* Times of krb5 are 32 bits wide and count on, unsigned, until 2106. */
static int64_t seconds(krb5_timestamp time)
{
    return (int64_t)(uint32_t)time;
}

static void read_part(struct mit *mit, struct arena *arena, const krb5_data *plain,
                      struct mit_opened *out)
{
    krb5_enc_tkt_part *part = NULL;
    char *client = NULL;

    if (decode_krb5_enc_tkt_part(plain, &part) != 0)
        return;
    if (krb5_unparse_name(mit->context, part->client, &client) == 0) {
        out->client = arena_text(arena, bytes_of_text(client));
        krb5_free_unparsed_name(mit->context, client);
    }
    out->auth_s = seconds(part->times.authtime);
    out->start_s = seconds(part->times.starttime);
    out->end_s = seconds(part->times.endtime);
    out->pac_logon = find_logon_info(mit, arena, part);
    krb5_free_enc_tkt_part(mit->context, part); /* wipes the session key */
}

bool mit_ticket_open(struct mit *mit, struct arena *arena, int32_t etype, struct bytes key,
                     struct bytes cipher, struct mit_opened *out)
{
    krb5_keyblock block = {0};
    krb5_enc_data enc = {0};
    krb5_data plain = {0};
    bool opened;

    memset(out, 0, sizeof(*out));
    if (cipher.len == 0 || cipher.len > LIMIT_MESSAGE_BYTES || key.len == 0)
        return false;
    block.enctype = etype;
    block.length = (unsigned)key.len;
    block.contents = (krb5_octet *)key.at;
    enc.enctype = etype;
    enc.ciphertext.length = (unsigned)cipher.len;
    enc.ciphertext.data = (char *)cipher.at;
    plain.length = (unsigned)cipher.len;
    plain.data = memory_take(cipher.len, 1);
    opened = krb5_c_decrypt(mit->context, &block, USAGE_TICKET, NULL, &enc, &plain) == 0;
    if (opened)
        read_part(mit, arena, &plain, out);
    explicit_bzero(plain.data, cipher.len);
    memory_drop(plain.data);
    return opened;
}

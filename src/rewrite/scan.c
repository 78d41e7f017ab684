/* SPDX-License-Identifier: MIT */
#include "rewrite/scan.h"

#include "base/digest.h"
#include "base/limits.h"

enum {
    PIECE = 64, /* as ticket.chunks of records.def */
    DIGEST_LEN = 32,
    SHORTEST_CIPHER = 12, /* an encrypted part holds at least a checksum or a confounder */
    NTLM_HEAD = 64,       /* of an AUTHENTICATE_MESSAGE without version and MIC */
    NTLM_MIC = 72,
    NTLM_MIC_LEN = 16,
    NTLM_PROOF = 16,
    NTLM_CLIENT_HEAD = 28 /* of an NTLMv2 response behind the proof, before the AV pairs */
};

/* ---- what stands in place of a ciphertext ---- */

/* A last piece that is shorter is named together with the one before it: the digest of a few octets
 * alone would tell them. */
void scan_replace(uint8_t *at, size_t len)
{
    static const char domain[] = "krbwhy redacted";
    uint8_t named[sizeof(domain) + 2 * PIECE + 1], before[PIECE];
    size_t i, k, num, have = 0;

    memcpy(named, domain, sizeof(domain));
    for (i = 0; i < len; i += PIECE) {
        num = size_min(PIECE, len - i);
        k = sizeof(domain);
        if (num < PIECE) {
            memcpy(named + k, before, have);
            k += have;
        }
        memcpy(named + k, at + i, num);
        have = num;
        memcpy(before, at + i, num);
        k += num;
        for (named[k] = 0; named[k] * (size_t)DIGEST_LEN < num; named[k]++) {
            struct digest digest = digest_of((struct bytes){named, k + 1});
            size_t done = named[k] * (size_t)DIGEST_LEN;

            memcpy(at + i + done, digest.octet, size_min(DIGEST_LEN, num - done));
        }
    }
}

/* ---- places ---- */

size_t scan_stop(const struct scan *scan)
{
    return scan->stop == 0 ? scan->len : scan->stop;
}

void scan_reach(struct scan *scan, size_t end)
{
    if (end > scan->reached)
        scan->reached = end;
}

size_t scan_find_hole(const struct scan *scan, size_t from)
{
    size_t low = 0, high = scan->num_holes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (scan->holes[middle].to <= from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool scan_has_hole(const struct scan *scan, size_t from, size_t to)
{
    size_t i = scan_find_hole(scan, from);

    return i < scan->num_holes && scan->holes[i].from < to;
}

/* Zeros in [from, from + len) as far as the run goes; false when it was cut. */
static bool wipe(struct scan *scan, size_t from, size_t len)
{
    size_t left = from < scan->len ? scan->len - from : 0, have = size_min(len, left);

    if (have > 0) {
        memset(scan->at + from, 0, have);
        scan_reach(scan, from + have);
    }
    if (from <= scan->len && len - have > scan->overrun)
        scan->overrun = len - have;
    return have == len && !scan_has_hole(scan, from, from + have);
}

/* ---- EncryptedData ---- */

/* A tag and its length (definite, X.690 section 8.1.3); false when another stands there. */
static bool take(const struct scan *scan, size_t *at, uint8_t tag, size_t *out_len)
{
    size_t i = *at, num;

    if (scan->len - i < 2 || scan->at[i] != tag)
        return false;
    num = scan->at[i + 1];
    i += 2;
    if (num < 0x80) {
        *out_len = num;
    } else {
        num &= 0x7F;
        if (num == 0 || num > 4 || scan->len - i < num)
            return false;
        for (*out_len = 0; num > 0; num--)
            *out_len = *out_len << 8 | scan->at[i++];
    }
    *at = i;
    return true;
}

/* [tag] INTEGER, passed over. */
static bool take_integer(const struct scan *scan, size_t *at, uint8_t tag)
{
    size_t outer, inner, begin, i = *at;

    if (!take(scan, &i, tag, &outer))
        return false;
    begin = i;
    if (!take(scan, &i, 0x02, &inner) || inner == 0 || inner > 5 || outer != i - begin + inner ||
        scan->len - i < inner)
        return false;
    *at = i + inner;
    return true;
}

/* EncryptedData ::= SEQUENCE { etype [0] Int32, kvno [1] UInt32 OPTIONAL, cipher [2] OCTET STRING }
 * Nothing else in Kerberos has an OCTET STRING [2] right behind these. Returns where it ends, or 0.
 */
static size_t take_encrypted(struct scan *scan, size_t at)
{
    size_t outer, len, begin;

    if (!take_integer(scan, &at, 0xA0))
        return 0;
    (void)take_integer(scan, &at, 0xA1);
    if (!take(scan, &at, 0xA2, &outer))
        return 0;
    begin = at;
    if (!take(scan, &at, 0x04, &len) || len < SHORTEST_CIPHER || len > LIMIT_MESSAGE_BYTES ||
        outer != at - begin + len)
        return 0;
    scan->counts->ciphertexts++;
    if (len <= scan->len - at && !scan_has_hole(scan, at, at + len)) {
        scan_replace(scan->at + at, len);
    } else {
        (void)wipe(scan, at, len);
        scan->counts->zeroed++;
    }
    scan_reach(scan, at + size_min(len, scan->len - at));
    return at + size_min(len, scan->len - at);
}

/* ---- NTLM ---- */

static size_t le(const uint8_t *at, size_t len)
{
    size_t value = 0;

    while (len > 0)
        value = value << 8 | at[--len];
    return value;
}

/* A field of an AUTHENTICATE_MESSAGE; the offset counts from the message. An NTLMv2 response keeps
 * what only repeats names of the server. */
static bool wipe_field(struct scan *scan, size_t message, size_t field, bool response)
{
    size_t len = le(scan->at + message + field, 2), from = le(scan->at + message + field + 4, 4);
    bool proof, client;

    if (len == 0)
        return true;
    if (from > LIMIT_MESSAGE_BYTES)
        return false;
    from += message;
    if (!response || len <= NTLM_PROOF + NTLM_CLIENT_HEAD)
        return wipe(scan, from, len);
    /* Behind the proof: versions (8 with reserved), time stamp and client challenge (8 each). */
    proof = wipe(scan, from, NTLM_PROOF); /* both, even when the first is cut */
    client = wipe(scan, from + NTLM_PROOF + 8, 16);
    return proof && client;
}

static size_t take_ntlm(struct scan *scan, size_t at)
{
    static const uint8_t head[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 3, 0, 0, 0};
    size_t first = SIZE_MAX, field;
    bool whole;

    if (scan->len - at < sizeof(head) || memcmp(scan->at + at, head, sizeof(head)) != 0)
        return 0;
    scan->counts->ntlm++;
    if (scan->len - at < NTLM_HEAD) {
        (void)wipe(scan, at + sizeof(head), LIMIT_TOKEN_BYTES);
        scan->counts->zeroed++;
        return scan->len;
    }
    for (field = 12; field <= 52; field += 8)
        if (le(scan->at + at + field, 2) > 0)
            first = size_min(first, le(scan->at + at + field + 4, 4));
    whole = wipe_field(scan, at, 12, false);          /* LmChallengeResponse */
    whole = wipe_field(scan, at, 20, true) && whole;  /* NtChallengeResponse */
    whole = wipe_field(scan, at, 52, false) && whole; /* EncryptedRandomSessionKey */
    if (first >= NTLM_MIC + NTLM_MIC_LEN)
        whole = wipe(scan, at + NTLM_MIC, NTLM_MIC_LEN) && whole;
    scan->counts->zeroed += !whole;
    return at + sizeof(head);
}

int64_t scan_binary(struct scan *scan)
{
    int64_t found = 0;
    size_t i = scan->start, end;

    while (i < scan_stop(scan)) {
        end = scan->at[i] == 0xA0  ? take_encrypted(scan, i)
              : scan->at[i] == 'N' ? take_ntlm(scan, i)
                                   : 0;
        found += end > 0;
        i = end > 0 ? end : i + 1;
    }
    return found;
}

void scan_run(struct scan *scan)
{
    (void)scan_binary(scan);
    scan_text(scan);
}

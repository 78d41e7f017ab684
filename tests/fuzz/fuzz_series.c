/* SPDX-License-Identifier: MIT */
/* A capture in consecutive files. Input: four octets that say where it is cut, four that say which
 * octets of the pieces are changed, then a classic pcap or pcapng file. Cut at the borders of its
 * records it gives the same observations as the whole; a piece that does not continue is said to,
 * whatever is in it. */
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "fuzz.h"

enum { HEAD = 8, MOST_RECORDS = 512, MOST_PIECES = 4, PCAP_HEADER = 24, PCAP_RECORD = 16 };

struct records {
    size_t border[MOST_RECORDS + 1]; /* where each begins, and where the last one ends */
    size_t num;
    struct text header; /* what has to stand before them in each file */
};

static uint32_t number(const uint8_t *at, bool big)
{
    return big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]
               : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* Whole records only; false when it is not a file of that kind. */
static bool walk_pcap(struct bytes file, struct records *out)
{
    static const uint8_t magics[][4] = {
        {0xD4, 0xC3, 0xB2, 0xA1}, {0xA1, 0xB2, 0xC3, 0xD4}, {0x4D, 0x3C, 0xB2, 0xA1}};
    size_t at = PCAP_HEADER, i;

    for (i = 0; i < 3; i++)
        if (file.len >= PCAP_HEADER && memcmp(file.at, magics[i], 4) == 0)
            break;
    if (i == 3)
        return false;
    text_put_bytes(&out->header, (struct bytes){file.at, PCAP_HEADER});
    while (out->num < MOST_RECORDS && file.len - at >= PCAP_RECORD) {
        size_t len = number(file.at + at + 8, i == 1);

        if (len > 4096 || len > file.len - at - PCAP_RECORD)
            break;
        out->border[out->num++] = at;
        at += PCAP_RECORD + len;
    }
    out->border[out->num] = at;
    return true;
}

/* One section, whose interfaces all stand before its packets. */
static bool walk_pcapng(struct bytes file, struct records *out)
{
    size_t at = 0;
    bool big;

    if (file.len < 28 || number(file.at, false) != 0x0A0D0D0A)
        return false;
    big = file.at[8] == 0x1A;
    while (out->num < MOST_RECORDS && file.len - at >= 12) {
        uint32_t type = number(file.at + at, big), len = number(file.at + at + 4, big);

        if (len < 12 || len % 4 != 0 || len > file.len - at ||
            number(file.at + at + len - 4, big) != len ||
            (at > 0 && (type == 0x0A0D0D0A || (type == 1 && out->num > 0) || type == 4)))
            break;
        if (type == 0x0A0D0D0A || type == 1)
            text_put_bytes(&out->header, (struct bytes){file.at + at, len});
        else
            out->border[out->num++] = at;
        at += len;
    }
    out->border[out->num] = at;
    return true;
}

/* ---- what is observed ---- */

/* What a worker wrote, and what is seen as it goes by. */
struct observed {
    struct text raw;
    size_t begun; /* files */
    bool joined, sound, owes_reason;
};

static void keep(void *user, const struct observation *o)
{
    struct observed *observed = user;

    assert(!observed->owes_reason ||
           (o->kind == KIND_problem && strcmp(o->problem->code, "not-continued") == 0));
    observed->owes_reason = false;
    observed->sound &= o->kind != KIND_problem;
    if (o->kind == KIND_next_file) {
        observed->begun++;
        observed->joined &= o->next_file->joined;
        observed->owes_reason = !o->next_file->joined;
        assert(o->next_file->frames_before >= 0);
        assert(o->next_file->joined || o->next_file->frames_before == 0);
    }
    log_encode(&observed->raw, o);
}

/* A file that does not continue is named in a problem that comes next. */
static void observe(const int *fds, size_t num, struct observed *out)
{
    static const char *const names[] = {"a.pcap1", "a.pcap2", "a.pcap3"};
    static struct worker_setup setup;
    const struct job job = {.path = "a.pcap", .more = names, .num_more = num - 1};
    struct log log = {.on_append = keep, .user = out};

    if (setup.converters == NULL)
        setup.converters = converters_open();
    setup.reassembly_bytes = (size_t)1 << 20;
    *out = (struct observed){.begun = 1, .joined = true, .sound = true};
    worker_observe_files(fds, &job, &setup, &log);
    assert(out->begun == num && !out->owes_reason);
    log_clear(&log);
}

static bool is_of_files(const struct observation *o)
{
    return o->kind == KIND_capture_file || o->kind == KIND_next_file || o->kind == KIND_problem;
}

/* References count observations: those of files are left out. Records stand in the log's own
 * memory, so they may be written to in a test. */
static void renumber(const struct observation *o, const int64_t *ranks)
{
    const struct field *field;

    for (field = kind_type(o->kind)->fields; field->name != NULL; field++)
        if (field->type == FIELD_REF) {
            int64_t *id = (int64_t *)(void *)((char *)(uintptr_t)o->record + field->offset);

            assert(*id >= 0 && *id < o->id);
            *id = ranks[*id];
        }
}

/* Everything but what is said of files. */
static void put_facts(struct text *out, const struct observed *observed)
{
    struct log log = {0};
    const char *problem;
    int64_t *ranks;
    size_t i;

    assert(worker_decode(
        &log, 0, (struct bytes){(const uint8_t *)observed->raw.at, observed->raw.len}, &problem));
    ranks = calloc(log.num + 1, sizeof(*ranks));
    for (i = 0; i < log.num; i++) {
        struct observation one = log.at[i];

        ranks[i + 1] = ranks[i] + !is_of_files(&one);
        if (is_of_files(&one))
            continue;
        renumber(&one, ranks);
        one.source.part = 0;
        log_encode(out, &one);
    }
    free(ranks);
    log_clear(&log);
}

/* Cuts; each piece is a file of its own. Returns how many. */
static size_t make_pieces(struct bytes file, const struct records *records, const uint8_t *where,
                          const uint8_t *change, int *out)
{
    size_t num = 2 + where[3] % (MOST_PIECES - 1), i, from = 0;

    for (i = 0; i < num; i++) {
        size_t to = i + 1 == num ? records->num : records->num * where[i] / 256;
        struct text piece = {0};

        to = to < from ? from : to;
        text_put_bytes(&piece,
                       (struct bytes){(const uint8_t *)records->header.at, records->header.len});
        text_put_bytes(&piece, (struct bytes){file.at + records->border[from],
                                              records->border[to] - records->border[from]});
        if (change != NULL)
            piece.at[piece.len * change[i] / 256] ^= (char)(1 << change[3 - i] % 8);
        out[i] = fuzz_file((struct bytes){(const uint8_t *)piece.at, piece.len});
        text_clear(&piece);
        from = to;
    }
    return num;
}

static void check_cut(struct bytes file, const struct records *records, const uint8_t *where)
{
    struct bytes sound = {file.at, records->border[records->num]};
    struct observed whole, parts;
    struct text a = {0}, b = {0};
    int fds[MOST_PIECES], one = fuzz_file(sound);
    size_t num = make_pieces(file, records, where, NULL, fds);

    observe(&one, 1, &whole);
    observe(fds, num, &parts);
    /* Damage is said of the file that it is in. */
    if (whole.sound && parts.sound && parts.joined) {
        put_facts(&a, &whole);
        put_facts(&b, &parts);
        assert(a.len == b.len && memcmp(text_str(&a), text_str(&b), a.len) == 0);
    }
    text_clear(&whole.raw);
    text_clear(&parts.raw);
    text_clear(&a);
    text_clear(&b);
}

extern const unsigned fuzz_weight;
const unsigned fuzz_weight = 4;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes file = {data + HEAD, len - HEAD};
    struct records records = {.num = 0};
    struct observed changed;
    int fds[MOST_PIECES];

    if (len < HEAD)
        return 0;
    if (walk_pcap(file, &records) || walk_pcapng(file, &records)) {
        size_t num;

        check_cut(file, &records, data);
        num = make_pieces(file, &records, data, data + 4, fds);
        observe(fds, num, &changed);
        text_clear(&changed.raw);
    }
    text_clear(&records.header);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of --merge, and of --resume. First octet: where the bytes behind it are cut
 * in two. Every line is counted once; two files give what one does, in either order; what comes out
 * is read again as the same; a file that was torn keeps all whole lines; what --resume refuses is
 * left as it was. */
#include "cli/resume.h"
#include "fuzz.h"
#include "report/merge.h"

static void read_into(struct merged *merged, struct bytes bytes)
{
    int fd = fuzz_file(bytes);
    char path[64];
    const char *error;

    assert(merged_read(merged, fuzz_path(fd, path), &error) && error == NULL);
    close(fd);
}

static void render(struct merged *merged, const char *format, struct text *out)
{
    static const struct report_style style = {.width = 80};

    text_reset(out);
    assert(merged_render(merged, format, out, &style));
    if (strcmp(format, "ndjson") != 0)
        fuzz_check_lines(text_str(out), out->len, false);
}

static void check_equal(const struct text *a, const struct text *b)
{
    assert(a->len == b->len && (a->len == 0 || memcmp(a->at, b->at, a->len) == 0));
}

/* Lines that hold something, and how many of those end. */
static size_t count_lines(struct bytes bytes)
{
    size_t num = 0, at = 0;

    while (at < bytes.len) {
        const uint8_t *end = memchr(bytes.at + at, '\n', bytes.len - at);
        size_t next = end == NULL ? bytes.len : (size_t)(end - bytes.at);

        num += next > at;
        at = next + 1;
    }
    return num;
}

static void check_formats(struct merged *whole, struct merged *other)
{
    static const char *const formats[] = {"json", "ndjson", "text", "markdown"};
    struct text a = {0}, b = {0};
    size_t i;

    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        render(whole, formats[i], &a);
        render(other, formats[i], &b);
        check_equal(&a, &b);
    }
    assert(merged_num_findings(whole) == merged_num_findings(other));
    text_clear(&a);
    text_clear(&b);
}

/* What was written as NDJSON is a file of --merge. */
static void check_again(struct merged *whole)
{
    struct merged again = {0};
    struct text lines = {0};

    render(whole, "ndjson", &lines);
    if (lines.len > 0)
        read_into(&again, (struct bytes){(const uint8_t *)lines.at, lines.len});
    assert(again.num == whole->num && again.num_damaged == 0);
    merged_sort(&again);
    check_formats(whole, &again);
    merged_clear(&again);
    text_clear(&lines);
}

static void check_parts(struct bytes bytes, size_t cut, struct merged *whole)
{
    struct bytes a = {bytes.at, cut}, b = {bytes.at + cut, bytes.len - cut};
    struct merged ab = {0}, ba = {0};

    read_into(&ab, a);
    read_into(&ab, b);
    read_into(&ba, b);
    read_into(&ba, a);
    merged_sort(&ab);
    merged_sort(&ba);
    check_formats(whole, &ab);
    check_formats(whole, &ba);
    merged_clear(&ab);
    merged_clear(&ba);
}

/* ---- --resume ---- */

static void check_resume(struct bytes bytes)
{
    static const char key_line[] = "{\"resume\":{\"path\":\"fuzz\"}", document[] = "{\"a\":1}";
    struct text key = {0}, error = {0}, content = {0};
    struct bytes found;
    struct resume resume;
    char path[64];
    int fd = fuzz_file(bytes);
    bool opened = resume_open(&resume, fuzz_path(fd, path), &error);
    size_t kept = bytes.len;

    text_put(&key, key_line);
    fuzz_content(fd, &content);
    if (!opened) {
        fuzz_check_lines(text_str(&error), error.len, false);
        assert(error.len > 0 && content.len == bytes.len);
    } else {
        while (kept > 0 && bytes.at[kept - 1] != '\n')
            kept--;
        assert(error.len == 0 && content.len == kept); /* only a torn last line is cut off */
        assert(resume_put(&resume, &key, bytes_of_text(document)));
        resume_close(&resume);
        assert(resume_open(&resume, path, &error));
        assert(resume_find(&resume, &key, &found));
        assert(bytes_equal(found, bytes_of_text(document)));
    }
    assert(memcmp(text_str(&content), bytes.at, content.len) == 0);
    resume_close(&resume);
    close(fd);
    text_clear(&key);
    text_clear(&error);
    text_clear(&content);
}

extern const unsigned fuzz_weight;
const unsigned fuzz_weight = 10;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes bytes = {data + 1, len - 1};
    struct merged whole = {0}, torn = {0};
    size_t cut, before;

    if (len < 2)
        return 0;
    cut = bytes.len * data[0] / 256;
    while (cut > 0 && bytes.at[cut - 1] != '\n')
        cut--;
    read_into(&whole, bytes);
    assert(whole.num + whole.num_damaged == count_lines(bytes));
    before = whole.num;
    read_into(&torn, (struct bytes){bytes.at, bytes.len - 1});
    assert(torn.num + (bytes.at[bytes.len - 1] != '\n') >= before);
    merged_clear(&torn);
    merged_sort(&whole);
    check_again(&whole);
    check_parts(bytes, cut, &whole);
    merged_clear(&whole);
    check_resume(bytes);
    return 0;
}

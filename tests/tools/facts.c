/* SPDX-License-Identifier: MIT */
/* Prints the facts of evidence files as --events does. For each file first a line
 * {"event":"evidence-file","file":...,"kind":...,"encoding":...,"problems":[...]}. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "evidence/evidence.h"
#include "evidence/fact_json.h"

static uint8_t *read_whole(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    uint8_t *content;
    long len;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (len = ftell(file)) < 0) {
        perror(path);
        exit(2);
    }
    rewind(file);
    content = malloc((size_t)len + 1);
    *out_len = fread(content, 1, (size_t)len, file);
    fclose(file);
    return content;
}

static void put_quoted(struct text *out, const char *str)
{
    if (str == NULL) {
        text_put(out, "null");
        return;
    }
    text_put_char(out, '"');
    text_put_json(out, str);
    text_put_char(out, '"');
}

static void put_head(struct text *out, const struct log *log, const char *path, const char *kind)
{
    const char *encoding = NULL;
    bool first = true;
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_evidence_file)
            encoding = log->at[i].evidence_file->encoding;
    text_put(out, "{\"event\":\"evidence-file\",\"file\":");
    put_quoted(out, path);
    text_put(out, ",\"kind\":");
    put_quoted(out, kind);
    text_put(out, ",\"encoding\":");
    put_quoted(out, encoding);
    text_put(out, ",\"problems\":[");
    for (i = 0; i < log->num; i++) {
        if (log->at[i].kind != KIND_problem)
            continue;
        text_putf(out, "%s{\"line\":%lld,\"code\":", first ? "" : ",",
                  (long long)log->at[i].source.line);
        put_quoted(out, log->at[i].problem->code);
        text_put(out, ",\"message\":");
        put_quoted(out, log->at[i].problem->message);
        text_put_char(out, '}');
        first = false;
    }
    text_put(out, "]}\n");
}

int main(int argc, char **argv)
{
    struct converters *converters = converters_open();
    int i;

    for (i = 1; i < argc; i++) {
        struct source base = {0};
        struct log log = {0};
        struct text out = {0};
        size_t len, k;
        uint8_t *content = read_whole(argv[i], &len);
        struct bytes bytes = {content, len};
        const char *kind = evidence_read(&log, &base, bytes, converters);

        put_head(&out, &log, argv[i], kind);
        for (k = 0; k < log.num; k++)
            fact_json(&out, &log.at[k], argv[i]);
        fputs(text_str(&out), stdout);
        text_clear(&out);
        log_clear(&log);
        free(content);
    }
    converters_close(converters);
    return 0;
}

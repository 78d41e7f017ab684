/* SPDX-License-Identifier: MIT */
#include "cli/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

enum { SYNC_SECONDS = 5 };

static const char separator[] = ",\"document\":";

static bool fail(struct text *out_error, const char *path, const char *why)
{
    text_put(out_error, "--resume: ");
    text_put_plain(out_error, path);
    text_putf(out_error, ": %s", why);
    return false;
}

static bool read_all(struct resume *resume)
{
    struct stat now;

    if (fstat(resume->fd, &now) != 0 || !S_ISREG(now.st_mode))
        return false;
    resume->at = memory_take((size_t)now.st_size + 1, 1);
    while (resume->len < (size_t)now.st_size) {
        ssize_t got = pread(resume->fd, resume->at + resume->len, (size_t)now.st_size - resume->len,
                            (off_t)resume->len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        resume->len += (size_t)got;
    }
    return true;
}

static uint64_t hash_of(const char *at, size_t len)
{
    return map_hash(MAP_SEED, (struct bytes){(const uint8_t *)at, len});
}

/* A quote inside of a JSON string is escaped, so the separator cannot stand in a name. */
static void index_lines(struct resume *resume)
{
    size_t at = 0;

    while (at < resume->len) {
        const char *line = resume->at + at;
        const char *end = memchr(line, '\n', resume->len - at);
        const char *mark = memmem(line, (size_t)(end - line), separator, sizeof(separator) - 1);

        if (mark != NULL && end[-1] == '}')
            map_add(&resume->lines, hash_of(line, (size_t)(mark - line)), (int64_t)at);
        at += (size_t)(end - line) + 1;
    }
}

bool resume_open(struct resume *resume, const char *path, struct text *out_error)
{
    const char *end;

    *resume = (struct resume){.fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
    if (resume->fd < 0)
        return fail(out_error, path, strerror(errno));
    if (flock(resume->fd, LOCK_EX | LOCK_NB) != 0)
        return fail(out_error, path, "another run writes to it");
    if (!read_all(resume))
        return fail(out_error, path, "is no file that can be read");
    end = resume->len == 0 ? NULL : memrchr(resume->at, '\n', resume->len);
    /* What is no file of ours is left alone. */
    if (resume->len > 0 && strncmp(resume->at, "{\"resume\":", size_min(resume->len, 10)) != 0)
        return fail(out_error, path, "is no file of --resume");
    if (end == NULL || end != resume->at + resume->len - 1) {
        resume->len = end == NULL ? 0 : (size_t)(end - resume->at) + 1;
        if (ftruncate(resume->fd, (off_t)resume->len) != 0)
            return fail(out_error, path, strerror(errno));
    }
    index_lines(resume);
    return true;
}

bool resume_key(struct text *out, const char *path, uint64_t settings)
{
    struct stat now;

    if (stat(path, &now) != 0 || !S_ISREG(now.st_mode))
        return false;
    text_put(out, "{\"resume\":{\"path\":\"");
    text_put_json(out, path);
    text_putf(out,
              "\",\"size\":%" PRId64 ",\"mtime\":\"%" PRId64 ".%09ld\",\"settings\":\"%016" PRIx64
              "\"}",
              (int64_t)now.st_size, (int64_t)now.st_mtim.tv_sec, now.st_mtim.tv_nsec, settings);
    return true;
}

bool resume_find(const struct resume *resume, const struct text *key, struct bytes *out_document)
{
    size_t at = 0;
    int64_t offset;

    while (map_next(&resume->lines, hash_of(key->at, key->len), &at, &offset)) {
        const char *line = resume->at + offset;
        size_t left = resume->len - (size_t)offset, head = key->len + sizeof(separator) - 1;

        if (left <= head || memcmp(line, key->at, key->len) != 0 ||
            memcmp(line + key->len, separator, sizeof(separator) - 1) != 0)
            continue;
        out_document->at = (const uint8_t *)line + head;
        out_document->len =
            (size_t)((const char *)memchr(line, '\n', left) - line) - head - 1; /* and its "}" */
        return true;
    }
    return false;
}

/* A crash of the machine is to cost seconds, not what the kernel has not written for half a minute;
 * to wait for the disk after each of thousands of small captures would cost more than to read them
 * again. */
static void sync_now_and_then(struct resume *resume)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (resume->synced_s != 0 && (int64_t)now.tv_sec - resume->synced_s < SYNC_SECONDS)
        return;
    if (resume->synced_s != 0)
        fdatasync(resume->fd);
    resume->synced_s = (int64_t)now.tv_sec;
}

/* Mostly one write(2). What is written in part (a full disk) is taken back, or the next line would
 * go on with it. */
static bool write_line(const struct resume *resume, const struct text *line)
{
    off_t begin = lseek(resume->fd, 0, SEEK_END);
    size_t written = 0;

    while (written < line->len) {
        ssize_t done = write(resume->fd, line->at + written, line->len - written);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            break;
        written += (size_t)done;
    }
    if (written == line->len)
        return true;
    if (begin >= 0 && ftruncate(resume->fd, begin) != 0)
        return false; /* a torn line: it is passed over */
    return false;
}

bool resume_put(struct resume *resume, const struct text *key, struct bytes document)
{
    struct text line = {0};
    bool written;

    text_put(&line, text_str(key));
    text_put(&line, separator);
    text_put_bytes(&line, document);
    text_put(&line, "}\n");
    written = write_line(resume, &line);
    text_clear(&line);
    sync_now_and_then(resume);
    return written;
}

void resume_close(struct resume *resume)
{
    if (resume->fd > 0) {
        if (resume->synced_s != 0)
            fdatasync(resume->fd);
        close(resume->fd);
    }
    memory_drop(resume->at);
    map_clear(&resume->lines);
    *resume = (struct resume){0};
}

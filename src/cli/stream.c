/* SPDX-License-Identifier: MIT */
#include "cli/stream.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reader.h"

enum { NUM_CLASSIC = 4 };

/* First octets of pcap in both byte orders, pcapng and Network Monitor. */
static const unsigned char captures[][4] = {
    {0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d},
    {0x4d, 0x3c, 0xb2, 0xa1}, {0x0a, 0x0d, 0x0d, 0x0a}, {'G', 'M', 'B', 'U'},
};

/* Of gzip, zstd, lz4 and xz. */
static const unsigned char packed[][2] = {{0x1f, 0x8b}, {0x28, 0xb5}, {0x04, 0x22}, {0xfd, '7'}};

/* The first octets of a regular file; how many there are. */
static size_t read_start(const char *path, unsigned char *start, size_t len)
{
    struct stat is;
    int fd = stat(path, &is) == 0 && S_ISREG(is.st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd < 0 ? 0 : read(fd, start, len);

    if (fd >= 0)
        close(fd);
    return got < 0 ? 0 : (size_t)got;
}

bool stream_is_capture(const char *path)
{
    unsigned char start[4];
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    size_t i;

    if (read_start(path, start, sizeof(start)) < sizeof(start))
        return false;
    for (i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
        if (memcmp(captures[i], start, sizeof(start)) == 0)
            return true;
    for (i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
        if (memcmp(packed[i], start, 2) == 0)
            return strstr(name, ".pcap") != NULL || strstr(name, ".cap") != NULL;
    return false;
}

bool stream_first_time(const char *path, uint64_t *out)
{
    enum { HEADER = 24 };
    unsigned char start[HEADER + 8];
    struct reader reader;
    size_t i;

    if (read_start(path, start, sizeof(start)) < sizeof(start))
        return false;
    reader_init(&reader, (struct bytes){start, sizeof(start)}, true);
    reader_skip(&reader, HEADER);
    for (i = 0; i < NUM_CLASSIC; i++)
        if (memcmp(captures[i], start, sizeof(captures[i])) == 0) {
            bool big = captures[i][0] == 0xa1;

            *out = (uint64_t)(big ? reader_be32(&reader) : reader_le32(&reader)) << 32;
            *out |= big ? reader_be32(&reader) : reader_le32(&reader);
            return true;
        }
    return false;
}

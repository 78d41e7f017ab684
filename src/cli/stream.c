/* SPDX-License-Identifier: MIT */
#include "cli/stream.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* First octets of pcap in both byte orders, pcapng and Network Monitor. */
static const unsigned char captures[][4] = {
    {0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d},
    {0x4d, 0x3c, 0xb2, 0xa1}, {0x0a, 0x0d, 0x0d, 0x0a}, {'G', 'M', 'B', 'U'},
};

/* Of gzip, zstd, lz4 and xz. */
static const unsigned char packed[][2] = {{0x1f, 0x8b}, {0x28, 0xb5}, {0x04, 0x22}, {0xfd, '7'}};

bool stream_is_capture(const char *path)
{
    unsigned char start[4] = {0};
    struct stat is;
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    int fd = stat(path, &is) == 0 && S_ISREG(is.st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd < 0 ? 0 : read(fd, start, sizeof(start));
    size_t i;

    if (fd >= 0)
        close(fd);
    if (got < (ssize_t)sizeof(start))
        return false;
    for (i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
        if (memcmp(captures[i], start, sizeof(start)) == 0)
            return true;
    for (i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
        if (memcmp(packed[i], start, 2) == 0)
            return strstr(name, ".pcap") != NULL || strstr(name, ".cap") != NULL;
    return false;
}

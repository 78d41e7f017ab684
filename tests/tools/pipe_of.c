/* SPDX-License-Identifier: MIT */
/* Writes to standard output what a worker writes to its pipe about a file: seeds of fuzz_report. */
#include <fcntl.h>
#include <stdio.h>

#include "cli/worker.h"

int main(int argc, char **argv)
{
    const struct worker_setup setup = {0};
    struct log log = {0};
    struct text wire = {0};
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    size_t i;

    if (fd < 0)
        return 2;
    worker_observe(fd, &setup, &log);
    for (i = 0; i < log.num; i++)
        log_encode(&wire, &log.at[i]);
    fwrite(text_str(&wire), 1, wire.len, stdout);
    text_clear(&wire);
    log_clear(&log);
    return 0;
}

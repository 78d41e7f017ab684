/* SPDX-License-Identifier: MIT */
#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* A handler has no argument that could lead anywhere else. */
static volatile sig_atomic_t noted, deferred, waited_for = -1;

void interrupt_defer(bool on)
{
    deferred = on;
}

bool interrupt_take(int number)
{
    if (!deferred || noted != 0 || (number != SIGINT && number != SIGTERM))
        return false;
    noted = number;
    return true;
}

static void note(int number)
{
    int error = errno;

    if (noted == 0 && waited_for >= 0)
        close(waited_for);
    noted = number;
    errno = error;
}

void interrupt_in_worker(int pipe)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    struct sigaction before, action = {.sa_handler = note};
    size_t i;

    noted = 0;
    waited_for = pipe;
    sigemptyset(&action.sa_mask);
    /* What the caller ignores stays ignored for a terminal's signals; the parent says it by
     * SIGTERM.
     */
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (numbers[i] == SIGTERM ||
            (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN))
            sigaction(numbers[i], &action, NULL);
}

int interrupt_signal(void)
{
    return noted;
}

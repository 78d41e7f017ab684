/* SPDX-License-Identifier: MIT */
/* What a worker gives up before it reads a byte of a hostile file: files, network, programs. */
#ifndef KRBWHY_CLI_SANDBOX_H
#define KRBWHY_CLI_SANDBOX_H

#include <stddef.h>

/* Where the descriptors of a process in the sandbox are. */
enum { SANDBOX_INPUT = 0, SANDBOX_OUTPUT = 1, SANDBOX_MORE = 3 /* further inputs from here on */ };

/* Moves the descriptors `inputs` (below 0: none) and `output` to where they are in the sandbox,
 * closes all others but stderr, and gives up for good: gaining privileges (PR_SET_NO_NEW_PRIVS),
 * every file access and TCP port (Landlock, where the kernel has it), core dumps, and by a list of
 * what remains (seccomp) every other system call: they fail with EPERM. Whatever has to be opened
 * must be open. inputs[] is changed to where they are now.
 *
 * NULL, or what the kernel refused (static text, for a message): the descriptors are moved all the
 * same, and what could be given up is. A kernel without Landlock is no refusal. */
const char *sandbox_enter(int *inputs, size_t num, int output);

#endif

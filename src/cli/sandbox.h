/* SPDX-License-Identifier: MIT */
/* What a worker gives up before it reads a byte of a hostile file: files, network, programs. */
#ifndef KRBWHY_CLI_SANDBOX_H
#define KRBWHY_CLI_SANDBOX_H

/* Where the descriptors of a process in the sandbox are. */
enum { SANDBOX_INPUT = 0, SANDBOX_OUTPUT = 1 };

/* Moves the descriptors `input` and `output` to SANDBOX_INPUT and SANDBOX_OUTPUT, closes all others
 * but stderr, and gives up for good: gaining privileges (PR_SET_NO_NEW_PRIVS), every file access
 * and TCP port (Landlock, where the kernel has it), core dumps, and by a list of what remains
 * (seccomp) every other system call: they fail with EPERM. Whatever has to be opened must be open.
 *
 * NULL, or what the kernel refused (static text, for a message): the descriptors are moved all the
 * same, and what could be given up is. A kernel without Landlock is no refusal. */
const char *sandbox_enter(int input, int output);

#endif

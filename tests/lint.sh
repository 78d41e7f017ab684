#!/bin/sh
# Formatting and static analysis of the files named as arguments; PACKAGES: pkg-config names of the libraries.
# Exceptions stand here and in .clang-tidy, with their reason.
set -eu
cd "$(dirname "$0")/.."
flags="-std=c11 -D_GNU_SOURCE -DKRBWHY_VERSION=\\\"0\\\" -DKRBWHY_DATE=\\\"0\\\" -Isrc -I. $(pkg-config --cflags $PACKAGES)"
status=0

if command -v clang-format >/dev/null; then
    # shellcheck disable=SC2046 # a list of files
    clang-format --dry-run --Werror asn1/*.[ch] src/*/*.[ch] tests/*.[ch] tests/*/*.c share/pages/*.[ch] || status=1
fi
if command -v cppcheck >/dev/null; then
    # missingIncludeSystem: system headers are not analysed. unusedFunction needs the whole program in one process.
    # constParameter*, variableScope: matters of taste that the code base decides otherwise in places.
    # uninitvar in grammar.c: chain is read only as far as it was filled. nullPointerRedundantCheck in pcap.c:
    # memory_exhausted() does not return, which cppcheck does not see through its header.
    cppcheck -j "$(nproc)" --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppress=missingIncludeSystem --suppress=uninitvar:asn1/grammar.c \
        --suppress=nullPointerRedundantCheck:src/capture/pcap.c -D_GNU_SOURCE '-DKRBWHY_VERSION="0"' '-DKRBWHY_DATE="0"' -Isrc -I. "$@" || status=1
fi
if command -v clang-tidy >/dev/null; then
    # shellcheck disable=SC2086 # flags are a list
    printf '%s\n' "$@" | xargs -n 8 -P "$(nproc)" sh -c 'clang-tidy --quiet "$@" -- '"$flags"' 2>/dev/null' sh || status=1
fi
exit $status

#!/bin/sh
# Formatting and static analysis of the files named as arguments. Exceptions stand here, with their reason.
set -eu
cd "$(dirname "$0")/.."
flags="-std=c11 -D_GNU_SOURCE -DKRBWHY_VERSION=\"0\" -Isrc -I. $(pkg-config --cflags libpcap krb5 libcares zlib)"
status=0

if command -v clang-format >/dev/null; then
    # shellcheck disable=SC2046 # a list of files
    clang-format --dry-run --Werror asn1/*.[ch] src/*/*.[ch] tests/*.[ch] tests/*/*.c || status=1
fi
if command -v cppcheck >/dev/null; then
    # missingIncludeSystem: system headers are not analysed. unusedFunction needs the whole program in one process.
    # constParameter*, variableScope: matters of taste that the code base decides otherwise in places.
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppress=missingIncludeSystem -D_GNU_SOURCE '-DKRBWHY_VERSION="0"' -Isrc -I. "$@" || status=1
fi
if command -v clang-tidy >/dev/null; then
    # shellcheck disable=SC2086 # flags are a list
    clang-tidy --quiet "$@" -- $flags 2>/dev/null || status=1
fi
exit $status

#!/bin/sh
# Builds the unit tests for a machine of another word size and one of the other byte order, and runs them here:
#   i386   by gcc -m32 (gcc-12-multilib)
#   s390x  by s390x-linux-gnu-gcc-12 (gcc-12-s390x-linux-gnu) under qemu-s390x-static (qemu-user-static)
# Libraries come from Debian's packages of that architecture, unpacked below build/portable and not installed:
# dpkg --add-architecture i386; dpkg --add-architecture s390x; apt-get update. Where something is missing the
# architecture is skipped with a message. PACKAGES: development packages without architecture. Arguments:
# architectures; without, both.
set -u
cd "$(dirname "$0")/.."
top=$PWD/build/portable
status=0

# Tests of processes, confinement and allocation failure: what they need of the kernel is not emulated.
processes=" test_sandbox test_memory_failure test_owner test_worker_hostile "

unpack_libraries() { # architecture
    root=$top/$1/root
    [ -e "$root/complete" ] && return 0
    mkdir -p "$root" "$top/$1/packages"
    wanted=$(for p in $PACKAGES; do echo "$p:$1"; done)
    # shellcheck disable=SC2086 # a list
    closure=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances $wanted 2>/dev/null | grep -E "^(lib|zlib1g|krb5-multidev|comerr-dev).*:$1\$" | grep -v -e "$without" \
        -e "^libgcc" -e "^libc-dev-bin" -e "^libelogind" | sort -u)
    # shellcheck disable=SC2086 # a list
    [ -n "$closure" ] && (cd "$top/$1/packages" && apt-get download $closure) >"$top/$1/download.log" 2>&1 || return 1
    for package in "$top/$1/packages/"*.deb; do
        dpkg-deb -x "$package" "$root" || return 1
    done
    touch "$root/complete"
}

run_tests() { # architecture; $emulator before each program
    passed=0 failed=0
    for source in tests/unit/test_*.c; do
        name=$(basename "$source" .c)
        case "$emulator$processes" in
        qemu*" $name "*) echo "skip $1/$name processes are not emulated" && continue ;;
        esac
        # shellcheck disable=SC2086 # none or a word with arguments
        if $emulator "$top/$1/build/tests/unit/$name" >"$top/$1/$name.log" 2>&1; then
            passed=$((passed + $(grep -c '^ok ' "$top/$1/$name.log")))
        else
            failed=$((failed + 1))
            echo "not ok $1/$name" && grep -v '^ok ' "$top/$1/$name.log" | head -20
        fi
    done
    echo "$1: $passed passed, $failed test programs failed"
    [ "$failed" -eq 0 ]
}

portable() { # architecture, triplet, compiler, sanitizer
    command -v "${3%% *}" >/dev/null && echo 'int main(void) { return 0; }' | $3 -x c -o "$top/probe" - 2>/dev/null ||
        { echo "skip $1 no compiler: $3"; return 0; }
    # shellcheck disable=SC2086 # none or a word with arguments
    $emulator "$top/probe" 2>/dev/null || { echo "skip $1 its programs do not run here"; return 0; }
    unpack_libraries "$1" || { echo "skip $1 apt has no packages of it"; return 0; }
    libraries=$root/usr/lib/$2
    export PKG_CONFIG_LIBDIR="$libraries/pkgconfig:$root/usr/share/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
    make --no-print-directory -j"$(nproc)" CC="$3" S="build/portable/$1/build" SANITIZE="$4" \
        LDFLAGS="-L$libraries -L$root/lib/$2 -Wl,-rpath,$libraries:$root/lib/$2:/usr/$2/lib -Wl,--disable-new-dtags -Wl,-rpath-link,$libraries:$root/lib/$2" \
        $(for t in tests/unit/test_*.c; do echo "build/portable/$1/build/${t%.c}"; done) >"$top/$1/build.log" 2>&1 || {
        tail -20 "$top/$1/build.log"
        echo "not ok $1/build"
        return 1
    }
    run_tests "$1"
}

mkdir -p "$top"
for architecture in ${*:-i386 s390x}; do
    emulator= without="^libc6"
    case $architecture in
    i386)
        # gcc-multilib, which cross compilers conflict with, is no more than a link to the kernel's headers.
        word32="gcc -m32 -idirafter /usr/include/$(gcc -print-multiarch)"
        portable i386 i386-linux-gnu "$word32" "-fsanitize=address,undefined -fno-sanitize-recover=all" || status=1
        ;;
    s390x)
        emulator="qemu-s390x-static -L $top/s390x/root" without="^libc6-dev"
        unpack_libraries s390x || { echo "skip s390x apt has no packages of it"; continue; }
        # AddressSanitizer's memory map is not emulated.
        portable s390x s390x-linux-gnu s390x-linux-gnu-gcc-12 "-fsanitize=undefined -fno-sanitize-recover=all" || status=1
        ;;
    esac
done
exit $status

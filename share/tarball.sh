#!/bin/sh
# SPDX-License-Identifier: MIT
# tarball.sh STAGE NAME OUT: what `make tarball` does. STAGE/NAME holds an installed tree; it gets the libraries that its
# program needs, the C library and its loader among them, and becomes OUT. SOURCE_DATE_EPOCH: the time of all files.
set -eu
stage=$1 name=$2 out=$3
top=$stage/$name lib=$stage/$name/lib/krbwhy
here=$(dirname "$0")
mkdir -p "$lib/gconv"

mv "$top/bin/krbwhy" "$lib/krbwhy"
strip "$lib/krbwhy"
install -m 755 "$here/tarball/krbwhy" "$top/bin/krbwhy"
install -m 644 "$here/tarball/README" "$top/README"

# Paths of what the dynamic loader maps for a program or a library, itself included.
needs() { ldd "$1" | sed -n 's/.* => \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p'; }

loader=$(ldd "$lib/krbwhy" | sed -n 's/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p')
needs "$lib/krbwhy" >"$stage/list"

# Code pages are modules of the C library: those that the program opens for an evidence file, which is nothing but text.
echo 'nothing' >"$stage/evidence"
LD_DEBUG=files "$lib/krbwhy" "$stage/evidence" 2>&1 | sed -n 's/.*file=\(\/[^ ]*\/gconv\/[^ ]*\.so\).*/\1/p' | sort -u >"$stage/modules"
gconv=$(dirname "$(head -1 "$stage/modules")")
cp -L "$gconv"/gconv-modules "$lib/gconv/"
[ ! -d "$gconv/gconv-modules.d" ] || cp -RL "$gconv/gconv-modules.d" "$lib/gconv/"
while read -r module; do
    cp -L "$module" "$lib/gconv/"
    needs "$module" | grep -v /gconv/ >>"$stage/list" || :
    for other in $(needs "$module" | grep /gconv/); do cp -L "$other" "$lib/gconv/"; done
done <"$stage/modules"

sort -u "$stage/list" | while read -r file; do cp -L "$file" "$lib/$(basename "$file")"; done
mv "$lib/$(basename "$loader")" "$lib/ld.so"
chmod 755 "$lib/ld.so"

# The libraries' licences, where dpkg knows them.
mkdir -p "$top/share/doc/krbwhy/licences"
if command -v dpkg-query >/dev/null; then
    sort -u "$stage/list" | while read -r file; do
        real=$(readlink -f "$file")
        dpkg-query -S "$real" 2>/dev/null || dpkg-query -S "${real#/usr}" 2>/dev/null || echo "unknown: $file"
    done | sed 's/:.*//' | sort -u >"$stage/packages"
    while read -r package; do
        notice=/usr/share/doc/$package/copyright
        [ ! -f "$notice" ] || cp -L "$notice" "$top/share/doc/krbwhy/licences/$package"
    done <"$stage/packages"
fi

tar -C "$stage" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+w,go-w,a+rX -cf - "$name" | gzip -9n >"$out.new"
mv "$out.new" "$out"

#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh install|uninstall DESTDIR PREFIX: what `make install` does. Standard input: MODE FILE TARGET, a line each.
# In manual pages and scripts the prefix is filled in. Folders that become empty and are the program's own are removed.
set -eu
what=$1 destdir=$2 prefix=$3
while read -r mode file target; do
    [ -n "$mode" ] || continue
    if [ "$what" = uninstall ]; then
        rm -f "$destdir$target"
        folder=$(dirname "$target")
        while :; do
            case $folder in */krbwhy | */krbwhy/*) rmdir "$destdir$folder" 2>/dev/null || break ;; *) break ;; esac
            folder=$(dirname "$folder")
        done
        continue
    fi
    install -d "$destdir$(dirname "$target")"
    case $file in
    *.[15]) sed "s|PREFIX/|$prefix/|" "$file" >"$destdir$target" && chmod "$mode" "$destdir$target" ;;
    share/cluster/*) sed "s|/usr/local/|$prefix/|" "$file" >"$destdir$target" && chmod "$mode" "$destdir$target" ;;
    *) install -m "$mode" "$file" "$destdir$target" ;;
    esac
    echo "  $destdir$target"
done

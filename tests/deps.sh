#!/bin/sh
# Installs the Debian packages named as arguments that are missing. Root or sudo; never asks a question.
set -eu
missing=
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
if [ "$(id -u)" -eq 0 ]; then as=; elif command -v sudo >/dev/null; then as="sudo -n"; else
    echo "error: not root and no sudo; as root run: apt-get install$missing" >&2
    exit 1
fi
$as apt-get update -qq
# shellcheck disable=SC2086 # both are lists of words
$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null

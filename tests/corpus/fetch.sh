#!/usr/bin/env bash
# Fetches Debian packages of another architecture without touching this machine's package state, and unpacks them.
#   tests/corpus/fetch.sh ARCHITECTURE FOLDER PACKAGE...     -> FOLDER/PACKAGE_*.deb and FOLDER/PACKAGE/ (its files)
# Uses the machine's own apt sources with a private state folder. What is already there is not fetched again.
set -euo pipefail
architecture=$1
folder=$(mkdir -p "$2" && cd "$2" && pwd)
shift 2

state=$folder/.apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/dpkg"
touch "$state/dpkg/status"
options=(-o "Dir::State=$state" -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/dpkg/status" -o "Dir::Cache=$state/cache"
         -o "APT::Architecture=$architecture" -o "APT::Architectures::=$architecture" -o "Acquire::Languages=none"
         -o "APT::Sandbox::User=root")

missing=()
for package in "$@"; do
    [ -d "$folder/$package" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

# One index of several may be out of step on a mirror; what matters is whether the packages can be had.
apt-get "${options[@]}" -qq update || echo "fetch: not every package index could be read; going on with the others" >&2
for package in "${missing[@]}"; do
    (cd "$folder" && apt-get "${options[@]}" -qq download "$package")
    archive=$(find "$folder" -maxdepth 1 -name "${package}_*.deb" | sort | tail -n 1)
    rm -rf "$folder/$package.part"
    dpkg-deb -x "$archive" "$folder/$package.part"
    dpkg-deb -f "$archive" >"$folder/$package.control"
    mv "$folder/$package.part" "$folder/$package"
done

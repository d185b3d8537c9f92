# shellcheck shell=bash disable=SC2154
# Sourced by ./shirushi, ./test and ./dev: installs what packages.txt lists and is missing, configures and builds.
# Everything it says goes to standard error, so that the program's own output stays clean.

say() { printf '%s\n' "$*" >&2; }
give_up() { say "shirushi: $*"; exit 3; }

# wanted_packages SECTION...: the packages of these sections that are not here yet.
wanted_packages() {
    local section="" line name command
    local -a names=()
    while read -r line; do
        line=${line%%#*}
        read -r name command _ <<<"$line" || true
        case "$name" in
            "") ;;
            "["*) section=${name//[\[\]]/} ;;
            *)
                [[ " $* " == *" $section "* ]] || continue
                if [[ $command == \?* ]] && command -v "${command#\?}" >/dev/null; then continue; fi
                names+=("$name") ;;
        esac
    done <"$here/packages.txt"
    comm -23 <(printf '%s\n' "${names[@]}" | sort) \
             <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' 2>/dev/null | sed -n 's/ installed$//p' | sort)
}

install_packages() {
    local -a missing as_root=()
    mapfile -t missing < <(wanted_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || give_up "needs Debian 12's apt-get to install: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || give_up "these packages are missing; as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "Installing ${#missing[@]} Debian packages that packages.txt lists and this machine lacks:"
    say "  ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
           apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        give_up "apt-get could not install them (its last words are above; the whole log: $log)"
    fi
    rm -f "$log"
}

# build PRESET [TARGET...]: configures once, then builds what changed; speaks only if it takes work or fails.
build() {
    local preset=$1 log
    shift
    mkdir -p "$here/build"
    log=$here/build/$preset.log
    exec 9>"$here/build/.lock"
    flock 9
    if [ ! -f "$here/build/$preset/build.ninja" ]; then
        say "Configuring ($preset) ..."
        (cd "$here" && cmake --preset "$preset") >"$log" 2>&1 || { tail -n 20 "$log" >&2; give_up "cmake failed; the whole log: $log"; }
    fi
    local -a targets=()
    [ $# -eq 0 ] || targets=(--target "$@")
    if ! ninja -C "$here/build/$preset" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
        say "Building ($preset); the first time this takes some minutes ..."
        if [ -t 2 ]; then
            cmake --build "$here/build/$preset" "${targets[@]}" 2>&1 | tee "$log" | sed -un 's/^\(\[[0-9]*\/[0-9]*\]\).*/\1/p' |
                while read -r count; do printf '\r  %s ' "$count" >&2; done
            [ "${PIPESTATUS[0]}" -eq 0 ] || { printf '\n' >&2; grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | head -n 60 >&2; give_up "the build failed; the whole log: $log"; }
            printf '\r            \r' >&2
        else
            cmake --build "$here/build/$preset" "${targets[@]}" >"$log" 2>&1 || { grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | head -n 60 >&2; give_up "the build failed; the whole log: $log"; }
        fi
    fi
    exec 9>&-
}

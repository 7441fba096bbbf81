# What the gate does, in a build (gate.nix), before a switch (modules/gate.nix) and in its tests. Reads its environment:
#
#   out       the directory to make; it is there only when the gate lets the system pass
#   toplevel  the built system
#   options   the option JSON of its configuration; empty: the built system alone is judged
#   declaredOnly  not empty: the options alone are judged
#   profile   a level or a profile file
#   policy    a policy of firn or a policy file
#   waivers   files and directories of waivers, one a line; may be empty
set -eu

# A build believes it is 1980. Reports would say so, and be too old.
unset SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/result" "$work/waivers"

# Exit codes 1 and 3 say that there is something to find; the gate decides about it.
judge() {
    code=0
    firn check "$1" --profile "$profile" --format json="$work/result/$2.json" || code=$?
    case $code in
    0 | 1 | 3) ;;
    *)
        echo "gate: firn check of $1 ended with exit code $code" >&2
        exit "$code"
        ;;
    esac
}

set --
if [ -n "$options" ]; then
    judge "$options" declared
    set -- "$@" "$work/result/declared.json"
fi
if [ -z "${declaredOnly-}" ]; then
    judge "$toplevel" built
    set -- "$@" "$work/result/built.json"
fi

# firn takes one directory. The number keeps files of one name apart.
number=0
while IFS= read -r source; do
    [ -n "$source" ] || continue
    if [ -d "$source" ]; then
        for file in "$source"/*.toml; do
            [ -e "$file" ] || continue
            number=$((number + 1))
            cp -- "$file" "$work/waivers/$number-${file##*/}"
        done
    else
        # A file that is named is read whatever its name ends in, as by firn itself.
        number=$((number + 1))
        name=${source##*/}
        cp -- "$source" "$work/waivers/$number-${name%.toml}.toml"
    fi
done <<EOF
$waivers
EOF
if [ "$number" -gt 0 ]; then set -- "$@" --waivers "$work/waivers"; fi

code=0
firn gate "$@" --profile "$profile" --policy "$policy" --verdict "$work/result/verdict.json" \
    --format text="$work/result/report.txt" --format html="$work/result/report.html" \
    --format sarif="$work/result/report.sarif" || code=$?
if [ "$code" -ne 0 ]; then
    if [ -e "$work/result/report.txt" ]; then cat "$work/result/report.txt" >&2; fi
    echo "gate: $toplevel does not pass (exit code $code)" >&2
    exit "$code"
fi
cat "$work/result/report.txt"
mkdir "$out"
cp "$work/result"/* "$out"

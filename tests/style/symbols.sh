#!/usr/bin/env bash
# No function is defined in two places: the linker would take whichever library comes first.
set -euo pipefail
shopt -s nullglob
libs=("$1"/libxw_*.a)
[ ${#libs[@]} -gt 0 ] || { echo "no libraries in $1" >&2; exit 1; }
twice=$(nm --defined-only "${libs[@]}" 2>/dev/null | awk '$2 ~ /^[TDB]$/ { print $3 }' | sort | uniq -d)
[ -z "$twice" ] || { echo "defined twice: $twice" >&2; exit 1; }

#!/usr/bin/env bash
# clang_tidy.sh BUILD-DIR [all]: clang-tidy over the C++ files changed since the merge base with the
# main branch (the commit before where there is no other branch), uncommitted changes included, or
# over all of them. A header stands for the source beside it. A file that passed is not checked again
# until it, a project header it includes, or .clang-tidy changes. The path-sensitive analyzer, half of
# the time, is for what is shipped: tests run under the sanitizers, every line of them.
set -euo pipefail
self=$(realpath "${BASH_SOURCE[0]}")
build=$(realpath "$1")
scope=${2:-changed}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$build/tidy

# Checks one file, prints findings only. Called by xargs below.
check() { # FILE
  local key log
  local -a parts
  read -ra parts < <(awk -v file="$1" '$1 == file { print; exit }' "$work/deps") || parts=("$1")
  key=$(cat .clang-tidy "${parts[@]}" | sha256sum | cut -d' ' -f1)
  if [[ -e $work/passed/$key ]]; then return; fi
  log=$work/$key.log
  local checks=
  if [[ $1 == tests/* || $1 == */testing/* || $1 == *_test.cc ]]; then checks='-clang-analyzer-*'; fi
  if clang-tidy -p "$work" --quiet --checks="$checks" "$1" >"$log" 2>&1; then
    mv "$log" "$work/passed/$key"
  else
    grep -v '^[0-9]* warnings\? ' "$log"
    rm -f "$log"
    return 1
  fi
}

base_commit() {
  local ref base head
  head=$(git rev-parse HEAD)
  for ref in origin/HEAD origin/main origin/master main master; do
    base=$(git merge-base HEAD "$ref" 2>/dev/null || true)
    if [[ -n $base && $base != "$head" ]]; then
      echo "$base"
      return
    fi
  done
  git rev-parse --verify --quiet HEAD~1 || true
}

candidates() {
  local base
  base=$(base_commit)
  if [[ $scope == all || -z $base ]]; then
    tests/lint/sources.sh '*.cc'
  else
    git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h' | sed 's/\.h$/.cc/'
    git ls-files --others --exclude-standard -- '*.cc' '*.h' | sed 's/\.h$/.cc/'
  fi
}

if [[ $scope == check ]]; then
  check "$3"
  exit
fi

mkdir -p "$work/passed"
# GCC's precompiled header means nothing to clang; the header it was made of does.
sed -E "s#-include [^ ]*/cmake_pch\.hxx#-include $PWD/cmake/pch.h#; s# -fpch-preprocess| -Winvalid-pch##g" \
  "$build/compile_commands.json" >"$work/compile_commands.json"
# SOURCE HEADER...: of this project, as Ninja recorded it.
ninja -C "$build" -t deps | awk -v root="$PWD/" '
  /^[^ ]/ { if (line) print line; line = "" }
  /^ / && index($1, root) == 1 && index($1, root "build/") != 1 {
    line = line (line ? " " : "") substr($1, length(root) + 1)
  }
  END { if (line) print line }' >"$work/deps"

compiled() { sed -n "s#^ *\"file\": \"$PWD/\(.*\)\"#\1#p" "$work/compile_commands.json" | sort -u; }
mapfile -t files < <(comm -12 <(candidates | sort -u) <(compiled))
echo "clang-tidy: ${#files[@]} files"
((${#files[@]})) || exit 0
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -I{} "$self" "$build" check {}

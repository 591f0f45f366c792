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
  read -ra parts < <(grep -m 1 -F -- " $1 " "$work/deps") || parts=("$1")
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
# A command for each source that a file of build/unity includes. GCC's precompiled header means nothing to
# clang; the header it was made of does.
python3 - "$build" "$PWD" >"$work/compile_commands.json" <<'END'
import json, re, sys
build, root = sys.argv[1:]
commands = []
for entry in json.load(open(build + "/compile_commands.json")):
    command = re.sub(r"-include \S*/cmake_pch\.hxx", f"-include {root}/cmake/pch.h", entry["command"])
    command = re.sub(r" -fpch-preprocess| -Winvalid-pch| -Wno-subobject-linkage", "", command)
    files = [entry["file"]]
    if entry["file"].startswith(build + "/unity/"):
        files = [f"{root}/{path}" for path in re.findall(r'#include "(.*)"', open(entry["file"]).read())]
    for file in files:
        commands.append({"directory": entry["directory"], "file": file,
                         "command": command.replace(entry["file"], file)})
json.dump(commands, sys.stdout, indent=1)
END
# Of each compiler run a line with the files of this project that Ninja recorded.
ninja -C "$build" -t deps | awk -v root="$PWD/" '
  /^[^ ]/ { if (line) print line; line = "" }
  /^ / && index($1, root) == 1 && index($1, root "build/") != 1 {
    line = line " " substr($1, length(root) + 1) " "
  }
  END { if (line) print line }' >"$work/deps"

compiled() { sed -n "s#^ *\"file\": \"$PWD/\([^\"]*\)\".*#\1#p" "$work/compile_commands.json" | sort -u; }
mapfile -t files < <(comm -12 <(candidates | sort -u) <(compiled))
echo "clang-tidy: ${#files[@]} files"
((${#files[@]})) || exit 0
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -I{} "$self" "$build" check {}

#!/usr/bin/env bash
# clang_format.sh [FILE...]: every C++ file of the project, or those named, is laid out as
# .clang-format says. `./baimi fmt` does it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t files < <(if (($#)); then printf '%s\n' "$@"; else tests/lint/sources.sh '*.cc' '*.h'; fi)
clang-format --style=file:.clang-format --dry-run -Werror --ferror-limit=1 "${files[@]}"

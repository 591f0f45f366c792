#!/usr/bin/env bash
# Every C++ file of the project is laid out as .clang-format says. `./baimi fmt` does it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tests/lint/sources.sh '*.cc' '*.h' | xargs -r clang-format --dry-run -Werror --ferror-limit=1

#!/usr/bin/env bash
# shell.sh [FILE...]: every shell script of the project, or those named, passes shellcheck. The parts
# of `baimi` are checked through it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t scripts < <(if (($#)); then
  printf '%s\n' "$@"
else
  printf 'baimi\n.ci/run\n'
  tests/lint/sources.sh '*.sh' | grep -v '^deploy/scripts/'
fi)
shellcheck -x "${scripts[@]}"

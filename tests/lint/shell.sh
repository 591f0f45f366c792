#!/usr/bin/env bash
# Every shell script of the project passes shellcheck. The parts of `baimi` are checked through it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t scripts < <(printf 'baimi\n.ci/run\n'; tests/lint/sources.sh '*.sh' | grep -v '^deploy/scripts/')
shellcheck -x "${scripts[@]}"

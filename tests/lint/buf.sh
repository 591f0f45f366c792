#!/usr/bin/env bash
# buf.sh lint|format|breaking [DIR]: the contracts in DIR (protos) through the pinned buf of
# tests/e2e. `breaking` compares with tests/contract/baseline.binpb, which refresh_baseline.sh there
# moves on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
protos=${2:-protos}
buf=tests/e2e/node_modules/.bin/buf
if [[ ! -x $buf ]]; then
  echo "buf is not installed; run: ./baimi test lint_buf" >&2
  exit 1
fi

case ${1:-} in
  lint) "$buf" lint "$protos" ;;
  format) "$buf" format --diff --exit-code "$protos" ;;
  breaking) "$buf" breaking "$protos" --against tests/contract/baseline.binpb ;;
  *)
    echo 'usage: buf.sh lint|format|breaking [DIR]' >&2
    exit 2
    ;;
esac

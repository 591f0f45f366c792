#!/usr/bin/env bash
# buf.sh lint|format|breaking: the contracts in protos/ through the pinned buf of tests/e2e.
# `breaking` compares with tests/contract/baseline.binpb; refresh_baseline.sh there moves it on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
buf=tests/e2e/node_modules/.bin/buf
[[ -x $buf ]] || { echo "buf is not installed; run: ./baimi test lint_buf" >&2; exit 1; }

case ${1:-} in
  lint) "$buf" lint protos ;;
  format) "$buf" format --diff --exit-code protos ;;
  breaking) "$buf" breaking protos --against tests/contract/baseline.binpb ;;
  *) echo "usage: buf.sh lint|format|breaking" >&2; exit 2 ;;
esac

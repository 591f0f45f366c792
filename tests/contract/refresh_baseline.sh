#!/usr/bin/env bash
# Makes the present contracts the baseline that lint_buf_breaking compares with. Run it, and commit
# the result, when additions are released: from then on they may not be broken either. Refused while
# the present contracts break the old baseline. A break that is meant (before 1.0, or a new major
# version of a package) needs the old baseline removed by hand first: git rm baseline.binpb, with
# the reason in the commit and in CHANGELOG.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
buf=tests/e2e/node_modules/.bin/buf
baseline=tests/contract/baseline.binpb

if [[ -e $baseline ]] && ! "$buf" breaking protos --against "$baseline"; then
  echo "refused: the contracts break $baseline (see above)" >&2
  exit 1
fi
"$buf" build protos --exclude-source-info -o "$baseline.new"
mv "$baseline.new" "$baseline"
echo "$baseline: $(stat -c %s "$baseline") bytes"

#!/usr/bin/env bash
# The checks that are scripts find what they are for: each one passes on a copy of the contracts, and
# fails once a defect is planted there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
failed=0

# expect pass|fail WHAT COMMAND...
expect() {
  local want=$1 what=$2 got=pass
  shift 2
  "$@" >"$copy.out" 2>&1 || got=fail
  if [[ $got == "$want" ]]; then
    echo "ok: $what"
  else
    echo "NOT ok: $what (want $want, got $got)"
    cat "$copy.out"
    failed=1
  fi
  rm -f "$copy.out"
}

# plant FILE SED-EXPRESSION: a fresh copy of the contracts with one defect, which must change the file.
plant() {
  rm -rf "${copy:?}"/*
  cp -r protos/. "$copy"
  sed -i "$2" "$copy/$1"
  if cmp -s "protos/$1" "$copy/$1"; then
    echo "NOT ok: '$2' changes nothing in $1"
    failed=1
  fi
}

types=baimi/type/v1/types.proto
plant $types '1s/^/\n/'
expect fail 'buf format finds an empty first line' tests/lint/buf.sh format "$copy"
expect pass 'buf lint does not mind it' tests/lint/buf.sh lint "$copy"
expect pass 'nothing is broken by it' tests/lint/buf.sh breaking "$copy"
plant $types 's/double latitude = 1/double LatitudeDegrees = 1/'
expect fail 'buf lint finds a field name in capitals' tests/lint/buf.sh lint "$copy"
expect fail 'a renamed field breaks the baseline' tests/lint/buf.sh breaking "$copy"
plant $types 's/ERROR_REASON_INVALID_FIELD = 1;/ERROR_REASON_INVALID_FIELD = 901;/'
expect fail 'a renumbered enum value breaks the baseline' tests/lint/buf.sh breaking "$copy"
plant baimi/type/v1/journal.proto 's/bytes payload = 11/string payload = 11/'
expect fail 'a field of another type breaks the baseline' tests/lint/buf.sh breaking "$copy"
plant baimi/registry/v1/registry_service.proto '/^  rpc GetArea(/,/^  }/d'
expect fail 'a removed method breaks the baseline' tests/lint/buf.sh breaking "$copy"
plant $types '/^message Actor {/i message SelftestAddition {}'
expect pass 'an addition does not' tests/lint/buf.sh breaking "$copy"

printf 'int  Wrong( ) {return 0 ;}\n' >"$copy/wrong.cc"
expect fail 'clang-format finds a crooked line' tests/lint/clang_format.sh "$copy/wrong.cc"
printf 'int Right() { return 0; }\n' >"$copy/right.cc"
expect pass 'clang-format passes a straight one' tests/lint/clang_format.sh "$copy/right.cc"
# shellcheck disable=SC2016  # the dollar is the defect
printf '#!/bin/bash\nrm -rf %s/\n' '$1' >"$copy/wrong.sh"
expect fail 'shellcheck finds an unquoted argument' tests/lint/shell.sh "$copy/wrong.sh"
exit $failed

#!/usr/bin/env bash
# Tests of the parts that hold threads, under the thread sanitizer, in a tree of their own.
#   tests/tsan/run.sh            every test of the list
#   tests/tsan/run.sh exec_test  one of them
# First it proves itself: a planted race must be reported, locks of every kind must not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tests=("$@")
if ((${#tests[@]} == 0)); then
  tests=(exec_test observe_test cache_test cache_conformance_test rate_conformance_test redis_test
         sql_test sql_conformance_test journal_conformance_test key_ring_conformance_test)
fi
[[ -f build/tsan/build.ninja ]] || cmake --preset tsan
ninja -C build/tsan -j "$(nproc)" tsan_planted "${tests[@]}"
export TSAN_OPTIONS='exitcode=66 halt_on_error=0 second_deadlock_stack=1'

planted=build/tsan/bin/tsan_planted
"$planted" locks
code=0
report=$("$planted" race 2>&1) || code=$?
if ((code != 66)) || [[ $report != *'data race'* ]]; then
  echo "tsan: the planted race was not reported (exit code $code)" >&2
  exit 1
fi
pattern=$(IFS='|'; echo "^(${tests[*]})\$")
ctest --test-dir build/tsan -R "$pattern" --no-tests=error --output-on-failure

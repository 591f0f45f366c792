#!/usr/bin/env bash
# Unit and conformance tests under the address and undefined behaviour sanitizers, in a tree of their
# own. Builds what is missing, so that this test says the same when it is run by itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tests='unit|conformance'
[[ -f build/asan/build.ninja ]] || cmake --preset asan
mapfile -t targets < <(ctest --test-dir build/asan -N -L "$tests" | sed -n 's/^  Test *#[0-9]*: //p')
ninja -C build/asan -j "$(nproc)" "${targets[@]}"
export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
ctest --test-dir build/asan -L "$tests" -j "$(nproc)" --no-tests=error --output-on-failure

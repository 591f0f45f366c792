#!/usr/bin/env bash
# Builds the fuzz targets and runs each over its corpus and a bounded number of new inputs from a
# fixed seed, so that two runs do the same.
#   tests/fuzz/run.sh            every target
#   tests/fuzz/run.sh TARGET N   one of them, N runs (-1: until it finds something), e.g. json_gate -1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly default_runs=20000
if [[ $# -gt 0 ]]; then
  targets=("$1")
else
  mapfile -t targets < <(find tests/fuzz -name '*_fuzz.cc' -printf '%f\n' | sed 's/_fuzz\.cc$//' | sort)
fi
[[ -f build/fuzz/build.ninja ]] || cmake --preset fuzz
ninja -C build/fuzz -j "$(nproc)" "${targets[@]/%/_fuzz}"

# libFuzzer adds what it finds to its first corpus: that one is thrown away.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for target in "${targets[@]}"; do
  echo "fuzz: $target"
  mkdir "$scratch/$target"
  "build/fuzz/fuzz/${target}_fuzz" -seed=1 "-runs=${2:-$default_runs}" -max_len=4096 -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=0 -verbosity=0 "-artifact_prefix=build/fuzz/$target-" \
    "$scratch/$target" "tests/fuzz/corpus/$target"
done

# Tests, static checks, benchmarks.
# shellcheck shell=bash

install_everything() {
  local -a sections=(build servers test)
  have_node || sections+=(node)
  install_packages "${sections[@]}"
  install_node_tools
}

# targets_of PRESET CTEST-ARGUMENT...: the Ninja targets that the selected tests are; `all` when one
# of them is a script that drives the finished programs, nothing for scripts that read sources only.
targets_of() {
  local preset=$1 known name
  shift
  known=$(ninja -C "build/$preset" -t targets all | sed -n "s/^\([^/]*\): phony\$/\1/p")
  ctest --test-dir "build/$preset" -N -LE sources "$@" | sed -n "s/^  Test *#[0-9]*: //p" |
    while read -r name; do
      if grep -qxF -- "$name" <<<"$known"; then echo "$name"; else echo all; fi
    done | sort -u
}

# build_tests PRESET CTEST-ARGUMENT...: builds what the selected tests need.
build_tests() {
  local preset=$1
  local -a targets
  configure "$preset"
  # CMake runs again first where its files have changed: the list of tests comes from it.
  quietly "configure-$preset" ninja -C "build/$preset" build.ninja
  mapfile -t targets < <(targets_of "$@")
  if ((${#targets[@]})); then build "$preset" "${targets[@]}"; fi
}

run_tests() { # PRESET CTEST-ARGUMENT...
  ctest --test-dir "build/$1" -j "$(nproc)" --no-tests=error --output-on-failure \
    --test-output-size-failed 100000 "${@:2}" </dev/null
}

checks_test() {
  (($# <= 1)) || die 'test: want at most one REGEX'
  phase 'install what is missing' install_everything
  if [[ containers =~ ${1:-containers} ]]; then
    phase 'install what the containers need' install_container_tools
  fi
  if (($#)); then
    # Who names the test wants it run.
    export BAIMI_TEST_CONTAINERS=must
    phase "build the tests that match '$1'" build_tests release -R "$1"
    run_tests release -R "$1"
    return
  fi
  phase 'build everything' build release
  phase 'build the tests with sanitizers' build_tests asan -L 'unit|conformance'
  # One run tells all: static checks and the run under the sanitizers are tests too. Its summary
  # closes the output.
  local status=0
  run_tests release || status=$?
  tell_untested_containers
  return "$status"
}

checks_lint() {
  (($# == 0)) || die 'lint takes no arguments'
  phase 'install what is missing' install_everything
  phase 'build everything' build release
  BAIMI_TIDY=all run_tests release -L lint
}

checks_fmt() {
  (($# == 0)) || die 'fmt takes no arguments'
  phase 'install what is missing' install_everything
  tests/lint/sources.sh '*.cc' '*.h' | xargs -r clang-format -i
  "$NODE_BIN/buf" format -w protos
}

checks_bench() {
  local name=core json=
  while (($#)); do
    case $1 in
      --json) need_value "$@"; json=$(from_caller "$2"); shift ;;
      --*) die "bench: unknown argument '$1'; see ./baimi help" ;;
      *) name=$1 ;;
    esac
    shift
  done
  [[ -n $json ]] || die 'bench: --json FILE is needed'
  phase 'install what is missing' install_packages build servers
  phase 'build the benchmarks' build release baimi-bench baimi-suite baimi-grid-registry \
    baimi-ticket baimi-gateway baimictl
  "$RELEASE_DIR/bin/baimi-bench" "$name" --json "$json"
}

#!/usr/bin/env bash
# run.sh: builds the images of the programs in build/release/bin, starts docker-compose.yml and tests
# it from outside (stack_test.js). Uses the container engine that answers; otherwise starts one and
# stops it at the end. Where none can start, says why and exits with 77; with BAIMI_TEST_CONTAINERS=must
# that is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/docker/engine.sh
source deploy/docker/engine.sh
# shellcheck source=tests/containers/engine.sh
source tests/containers/engine.sh

readonly STATE=$PWD/build/containers
readonly REASON=$STATE/not-tested
readonly NOT_TESTED=77

# step TITLE COMMAND...
step() {
  local start=$SECONDS title=$1
  shift
  "$@"
  echo "== $title: $((SECONDS - start)) s"
}

finish() {
  stop_engine
  if [[ -n ${work:-} ]]; then rm -rf "$work"; fi
}

mkdir -p "$STATE"
exec 9>>"$STATE/lock"
flock -n 9 || {
  echo 'another run of this test is under way in this tree' >&2
  exit 1
}
rm -f "$REASON"
trap finish EXIT
use_engine_clients
if engine_answers; then
  echo 'using the container engine that answers'
elif ! type -P dockerd >/dev/null; then
  echo 'no container engine answers and none is installed; run: ./baimi test containers' >&2
  exit 1
elif ! start_engine "$STATE" 2>"$REASON"; then
  echo 'containers: NOT TESTED: no container engine answers, and none can start here:'
  cat "$REASON"
  if [[ ${BAIMI_TEST_CONTAINERS:-} == must ]]; then exit 1; fi
  exit $NOT_TESTED
fi
rm -f "$REASON"

work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=baimi-test
export STACK_BINARIES=copied STACK_TAG=test STACK_SAMPLE=load-sample
export STACK_HTTP=127.0.0.1:0 STACK_GRPC=127.0.0.1:0 STACK_SECRETS=$work/secrets
step 'images and secrets' deploy/docker/prepare.sh --quiet
if docker compose version >/dev/null 2>&1; then
  export STACK_COMPOSE='docker compose'
else
  export STACK_COMPOSE=docker-compose
fi
step 'tests' node --test tests/containers/stack_test.js

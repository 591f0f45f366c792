# A container engine for the time of a test. Sourced, never run.
# shellcheck shell=bash

# start_engine STATE: one of our own when none answers, on a socket in a directory of its own; its
# images stay in STATE for the next run. Fails when it cannot start here, its last words on stderr.
start_engine() {
  local state=$1 deadline=$((SECONDS + 60))
  ENGINE_WORK=$(mktemp -d)
  mkdir -p "$state"
  export DOCKER_HOST=unix://$ENGINE_WORK/docker.sock
  dockerd --data-root "$state/data" --exec-root "$ENGINE_WORK/exec" --pidfile "$ENGINE_WORK/pid" \
    --host "$DOCKER_HOST" --default-address-pool base=172.30.0.0/16,size=24 \
    >"$state/engine.log" 2>&1 9>&- &
  ENGINE_PID=$!
  until engine_answers; do
    if ! kill -0 "$ENGINE_PID" 2>/dev/null || ((SECONDS > deadline)); then
      tail -n 3 "$state/engine.log" >&2
      return 1
    fi
    sleep 0.2
  done
}

# stop_engine: the one that start_engine started, if it did.
stop_engine() {
  if [[ -n ${ENGINE_PID:-} ]]; then
    kill "$ENGINE_PID" 2>/dev/null || true
    wait "$ENGINE_PID" 2>/dev/null || true
  fi
  if [[ -n ${ENGINE_WORK:-} ]]; then rm -rf "$ENGINE_WORK"; fi
}

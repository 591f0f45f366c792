# Starts and stops the suite: `up` and `down`.
#
# A data directory carries the marker `.baimi-data` (so that --fresh never removes anything else), the
# lock `suite.lock` (held through an inherited descriptor for as long as the suite lives), the process
# id `suite.pid`, and `suite.log` when detached.
# shellcheck shell=bash

readonly SUITE=$RELEASE_DIR/bin/baimi-suite
readonly DATA_MARKER=.baimi-data
readonly READY_SECONDS=120
readonly DRAIN_SECONDS=60

# refuse_taken_port OPTION PORT
refuse_taken_port() {
  if (($2 != 0)) && (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
    die "port $2 on 127.0.0.1 is taken by another program; stop it or choose another with $1"
  fi
}

# prepare_data DIR FRESH: creates or recognises the directory, takes its lock as descriptor 9.
prepare_data() {
  local data=$1 fresh=$2
  if [[ -e $data && ! -d $data ]]; then die "--data: $data is not a directory"; fi
  if [[ -d $data && ! -e $data/$DATA_MARKER && -n $(ls -A "$data") ]]; then
    die "--data: $data holds files that are not ours (no $DATA_MARKER in it)"
  fi
  mkdir -p "$data"
  : >>"$data/$DATA_MARKER"
  exec 9>>"$data/suite.lock"
  flock -n 9 || die "a suite runs on $data already; stop it by: ./baimi down --data $data"
  # The lock of a suite that was started without this command.
  if [[ -e $data/lock ]] && ! flock -n "$data/lock" true; then die "a suite runs on $data already"; fi
  if ((fresh)); then
    # The lock file stays, for it is locked.
    find "$data" -mindepth 1 -maxdepth 1 ! -name suite.lock ! -name "$DATA_MARKER" -exec rm -rf {} +
  fi
}

# wait_ready PID LOG: until the suite says it is ready and its readiness endpoint agrees.
wait_ready() {
  local pid=$1 log=$2 deadline=$((SECONDS + READY_SECONDS)) address=
  while kill -0 "$pid" 2>/dev/null; do
    address=$(sed -n 's/^ready http=\([^ ]*\).*/\1/p' "$log")
    if [[ -n $address ]] && curl -fsS -o "$log.ready" "http://$address/readyz" 2>/dev/null; then
      rm -f "$log.ready"
      return 0
    fi
    ((SECONDS < deadline)) || die "not ready after $READY_SECONDS s; see $log"
    sleep 0.1
  done
  tail -n 20 "$log" >&2
  die "the suite ended before it was ready; whole log: $log"
}

suite_up() {
  local port=8080 grpc_port=9090 data=.data detach=0 fresh=0
  while (($#)); do
    case $1 in
      --port) need_value "$@"; need_port "$1" "$2"; port=$2; shift ;;
      --grpc-port) need_value "$@"; need_port "$1" "$2"; grpc_port=$2; shift ;;
      --data) need_value "$@"; data=$(from_caller "$2"); shift ;;
      --detach) detach=1 ;;
      --fresh) fresh=1 ;;
      *) die "up: unknown argument '$1'; see ./baimi help" ;;
    esac
    shift
  done
  prepare_data "$data" "$fresh"
  refuse_taken_port --port "$port"
  refuse_taken_port --grpc-port "$grpc_port"

  # Without descriptor 9: no daemon that these start may inherit the lock.
  phase 'install what is missing' install_packages build 9>&-
  phase 'build the suite' build release baimi-suite baimictl 9>&-

  local -a run=("$SUITE" --data "$data" --http.port "$port" --grpc.port "$grpc_port" --sample)
  if ((!detach)); then
    say "starting; Ctrl-C drains and stops"
    echo "$BASHPID" >"$data/suite.pid"
    exec "${run[@]}"
  fi
  : >"$data/suite.log"
  setsid "${run[@]}" >"$data/suite.log" 2>&1 </dev/null &
  local pid=$!
  echo "$pid" >"$data/suite.pid"
  wait_ready "$pid" "$data/suite.log"
  cat "$data/suite.log"
  say "running as process $pid; log: $data/suite.log; stop it by: ./baimi down --data $data"
}

suite_down() {
  local data=.data
  while (($#)); do
    case $1 in
      --data) need_value "$@"; data=$(from_caller "$2"); shift ;;
      *) die "down: unknown argument '$1'; see ./baimi help" ;;
    esac
    shift
  done
  if [[ ! -e $data ]]; then
    say "nothing runs on $data: there is no such directory"
    return 0
  fi
  [[ -e $data/$DATA_MARKER ]] || die "--data: $data is not a data directory of ours"
  exec 9>>"$data/suite.lock"
  if flock -n 9; then
    rm -f "$data/suite.pid"
    say "nothing runs on $data"
    return 0
  fi
  local pid
  pid=$(cat "$data/suite.pid" 2>/dev/null || true)
  [[ -n $pid && $(readlink "/proc/$pid/exe" 2>/dev/null) == */baimi-suite* ]] ||
    die "$data is in use, but its process is not known; is a build for it under way?"
  kill -TERM "$pid"
  say "draining process $pid"
  flock -w "$DRAIN_SECONDS" 9 || die "process $pid has not stopped after $DRAIN_SECONDS s"
  rm -f "$data/suite.pid"
  say 'stopped'
}

# Messages, phases and arguments: what every part of `baimi` uses. Sourced, never run.
# shellcheck shell=bash

readonly LOG_DIR=$BAIMI_ROOT/build/log
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  readonly BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  readonly BOLD='' RED='' PLAIN=''
fi

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
  printf '%sbaimi: %s%s\n' "$RED" "$*" "$PLAIN" >&2
  exit 1
}

# phase TITLE COMMAND...: a heading, the command, the seconds it took. Fails with the command.
phase() {
  local title=$1 start=$SECONDS status=0
  shift
  say "${BOLD}== $title${PLAIN}"
  # A subshell of its own: `set -e` stays in force, which `"$@" || status=$?` would switch off.
  set +e
  (
    set -e
    "$@"
  )
  status=$?
  set -e
  if ((status)); then
    warn "${RED}== $title: FAILED after $((SECONDS - start)) s${PLAIN}"
    return "$status"
  fi
  say "== $title: $((SECONDS - start)) s"
}

# quietly LOG COMMAND...: output to build/log/LOG.log, its end shown when the command fails.
quietly() {
  local log=$LOG_DIR/$1.log
  shift
  mkdir -p "$LOG_DIR"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    warn "whole log: ${log#"$BAIMI_ROOT"/}"
    return 1
  fi
}

# need_value OPTION [VALUE]: dies when the option came without its value.
need_value() { [[ $# -ge 2 && $2 != --* ]] || die "$1 needs a value"; }

need_port() {
  if [[ ! $2 =~ ^[0-9]{1,5}$ ]] || ((10#$2 > 65535)); then die "$1: got '$2', want 0 to 65535"; fi
}

# from_caller PATH: a path as it was meant where the command was typed.
from_caller() {
  case $1 in
    /*) echo "$1" ;;
    *) echo "$CALLER_DIR/$1" ;;
  esac
}

# What this machine has and lacks. Changes nothing.
# shellcheck shell=bash

finding() { printf '  %-11s %s\n' "$1" "$2"; }

version_of() { # COMMAND: its name and the first version in what it says of itself
  local text
  text=$("$1" --version 2>/dev/null) || return 1
  echo "$1 $(grep -oEm1 '[0-9]+(\.[0-9]+)+' <<<"$text" | head -n 1)"
}

doctor_packages() { # SECTION PURPOSE
  local -a missing
  mapfile -t missing < <(missing_packages "$1")
  if ((${#missing[@]})); then
    finding missing "for $2: ${missing[*]} (installed by the commands that need them)"
  else
    finding ok "packages for $2"
  fi
}

doctor_port() { # PORT
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
    finding taken "port $1; use another with --port or --grpc-port"
  else
    finding ok "port $1 is free"
  fi
}

doctor_engine() {
  # shellcheck source=deploy/docker/engine.sh
  source deploy/docker/engine.sh
  if (use_engine_clients && engine_answers) >/dev/null 2>&1; then
    finding ok 'a container engine answers'
  else
    finding none 'container engine that answers; the test of the containers starts one for its time'
  fi
}

doctor() {
  (($# == 0)) || die 'doctor takes no arguments'
  local name memory free
  name=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release 2>/dev/null || true)
  memory=$(awk '/^MemTotal/ { printf "%.1f", $2 / 1048576 }' /proc/meminfo)
  free=$(df -Pk "$BAIMI_ROOT" | awk 'NR == 2 { printf "%d", $4 / 1048576 }')
  say "${BOLD}machine${PLAIN}"
  finding "$([[ $name == *bookworm* ]] && echo ok || echo unknown)" "${name:-no /etc/os-release} (made for Debian 12)"
  finding ok "$(nproc) cores, $memory GiB of memory, $BUILD_JOBS compilers at a time"
  finding "$( ((free >= 8)) && echo ok || echo low)" "$free GiB of disk free (a full test run needs 8)"
  say "${BOLD}packages${PLAIN}"
  doctor_packages build 'building and running'
  doctor_packages servers 'the servers of tests and benchmarks'
  doctor_packages test 'tests and checks'
  doctor_packages containers 'the test of the containers'
  if have_node; then
    finding ok "Node.js $(node --version), npm $(npm --version 2>/dev/null)"
  else
    finding missing 'Node.js >= 18.20 with npm (installed by test, fmt and lint)'
  fi
  if cmp -s "$E2E_DIR/package-lock.json" "$E2E_DIR/node_modules/.baimi-lock"; then
    finding ok 'contract and client tools of tests/e2e'
  else
    finding missing 'contract and client tools of tests/e2e (installed by test, fmt and lint)'
  fi
  say "${BOLD}tools${PLAIN}"
  local tool
  for tool in g++ cmake ninja protoc ccache mold clang-format clang-tidy; do
    finding "$(command -v "$tool" >/dev/null && echo ok || echo missing)" "$(version_of "$tool" || echo "$tool")"
  done
  say "${BOLD}state${PLAIN}"
  doctor_engine
  doctor_port 8080
  doctor_port 9090
  finding "$([[ -x $SUITE ]] && echo ok || echo 'not built')" "${SUITE#"$BAIMI_ROOT"/}"
}

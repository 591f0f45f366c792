# What the commands that use containers need.
# shellcheck shell=bash

# install_container_tools: an engine and its clients only where there are none, so that those which
# came from elsewhere stay.
install_container_tools() {
  local -a sections=(containers)
  # shellcheck source=deploy/docker/engine.sh
  source deploy/docker/engine.sh
  if ! (use_engine_clients && { engine_answers || type -P dockerd; }) >/dev/null 2>&1; then
    sections+=(engine)
  fi
  install_packages "${sections[@]}"
}

# tell_untested_containers: the last word of a test run on a machine where no engine can start.
tell_untested_containers() {
  local reason=$BAIMI_ROOT/build/containers/not-tested
  if [[ -e $reason ]]; then
    warn "${BOLD}containers: NOT TESTED: no container engine answers, and none can start here:${PLAIN}"
    cat "$reason" >&2
  fi
}

# CMake and Ninja with progress that can be read.
# shellcheck shell=bash

readonly RELEASE_DIR=$BAIMI_ROOT/build/release
# Compilers take about a gigabyte each: no more than one for each two gigabytes of memory.
BUILD_JOBS=$(awk -v cores="$(nproc)" '/^MemTotal/ { n = int($2 / 2097152); if (n < 1) n = 1
  print n < cores ? n : cores }' /proc/meminfo)
readonly BUILD_JOBS

configure() { # PRESET
  [[ -f build/$1/build.ninja ]] && return 0
  quietly "configure-$1" cmake --preset "$1"
}

# Everything that is not a progress line, and a progress line every 10 seconds (on a terminal: each,
# in place).
show_progress() {
  local line last= shown=$SECONDS
  while IFS= read -r line; do
    if [[ $line =~ ^\[[0-9]+/[0-9]+\ [0-9.]+s\] ]]; then
      last=$line
      if [[ -t 1 ]]; then
        printf "\r\e[K%.78s" "$line"
      elif ((SECONDS >= shown + 10)); then
        say "$line"
        last= shown=$SECONDS
      fi
    elif [[ $line != "ninja: Entering directory"* ]]; then
      if [[ -t 1 ]]; then printf "\r\e[K"; fi
      say "$line"
    fi
  done
  if [[ -t 1 ]]; then printf "\r\e[K"; fi
  if [[ -n $last ]]; then say "$last"; fi
}

# build PRESET [TARGET...]: all when no target is named.
build() {
  local preset=$1
  shift
  mkdir -p "$LOG_DIR"
  configure "$preset"
  NINJA_STATUS='[%f/%t %es] ' ninja -C "build/$preset" -j "$BUILD_JOBS" "$@" </dev/null 2>&1 |
    tee "$LOG_DIR/build-$preset.log" | show_progress
}

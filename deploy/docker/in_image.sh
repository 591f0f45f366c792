#!/usr/bin/env bash
# in_image.sh STEP ARGUMENT...: a step of the Dockerfile, with the functions and the one list of
# packages that `baimi` itself uses.
set -euo pipefail
BAIMI_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly BAIMI_ROOT
cd "$BAIMI_ROOT"
# shellcheck source=deploy/scripts/lib.sh
source deploy/scripts/lib.sh
# shellcheck source=deploy/scripts/install.sh
source deploy/scripts/install.sh

apt_install_sections() { # SECTION...
  local -a packages
  mapfile -t packages < <(packages_of "$@")
  apt_install "${packages[@]}"
}

# compile DIRECTORY: the finished programs stand in its bin, the packaged contract in its share.
compile() {
  # shellcheck source=deploy/scripts/build.sh
  source deploy/scripts/build.sh
  local -a programs=(baimi-gateway baimi-ticket baimi-grid-registry baimi-suite baimictl)
  configure release
  ninja -C build/release -j "${JOBS:-$BUILD_JOBS}" "${programs[@]}"
  install -D --strip -t "$1/bin" "${programs[@]/#/build/release/bin/}"
  install -D --mode 644 -t "$1/share/baimi" build/release/share/baimi/contracts.binpb
}

"$@"

#!/usr/bin/env bash
# base_image.sh: the engine has an image debian:bookworm-slim afterwards. It stays as it is when it is
# there, is pulled where a registry answers, and is made by debootstrap where none does. That needs root
# and a Debian mirror: DEBIAN_MIRROR, or else the sources that this machine itself has.
set -euo pipefail
# shellcheck source=deploy/docker/engine.sh
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

readonly IMAGE=debian:bookworm-slim
readonly SUITE=bookworm

# As lines of sources.list; none where this machine has not looked its sources up yet.
sources() {
  if [[ -n ${DEBIAN_MIRROR:-} ]]; then
    echo "deb $DEBIAN_MIRROR $SUITE main"
  else
    # shellcheck disable=SC2016  # apt's variables
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
      grep -E " $SUITE(-updates|-security)? main\$" | sort -u || true
  fi
}

# slim DIRECTORY: without what no container reads; lists and archives come anew with each install. A
# layer that was cut off is never used, so nothing needs to be synced while one is made.
slim() {
  rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/var/log/* \
    "$1"/usr/share/{doc,info,locale,man}/*
  cat >"$1/etc/dpkg/dpkg.cfg.d/slim" <<'END'
path-exclude /usr/share/doc/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
force-unsafe-io
END
  # Without lines of our own, those that debootstrap wrote stay.
  if [[ -n $(sources) ]]; then sources >"$1/etc/apt/sources.list"; fi
  # Nothing starts a daemon while an image is being built.
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 755 "$1/usr/sbin/policy-rc.d"
}

make_image() {
  local work
  if ((EUID != 0)); then
    echo "no registry has $IMAGE, and making it needs root: sudo $0" >&2
    return 1
  fi
  type -P debootstrap >/dev/null || {
    echo "no registry has $IMAGE, and making it needs debootstrap: apt-get install debootstrap" >&2
    return 1
  }
  local mirror
  mirror=$(sources | awk -v suite="$SUITE" '$3 == suite { print $2; exit }')
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # as it is now
  trap "rm -rf '$work'" EXIT
  debootstrap --variant=minbase "$SUITE" "$work/root" ${mirror:+"$mirror"} >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    return 1
  }
  slim "$work/root"
  tar -C "$work/root" --sort=name --numeric-owner -c . |
    docker import --change 'CMD ["bash"]' - "$IMAGE" >/dev/null
}

use_engine_clients
if has_image "$IMAGE"; then
  echo "$IMAGE is there"
elif pull_image "$IMAGE" 2>/dev/null; then
  echo "$IMAGE pulled"
else
  make_image
  echo "$IMAGE made by debootstrap"
fi

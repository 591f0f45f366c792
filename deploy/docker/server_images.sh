#!/usr/bin/env bash
# server_images.sh: the engine has the images of PostgreSQL and Redis that docker-compose.yml names.
# Each stays as it is when it is there, is pulled where a registry has it, and is made of Debian's
# packages, under the same name, where none does.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/docker/engine.sh
source "$here/engine.sh"

server_image() { # NAME DIRECTORY
  if has_image "$1"; then
    echo "$1 is there"
  elif pull_image "$1" 2>/dev/null; then
    echo "$1 pulled"
  else
    "$here/base_image.sh"
    docker build --quiet --tag "$1" "$here/$2" >/dev/null
    echo "$1 made of Debian's packages"
  fi
}

use_engine_clients
server_image "${BAIMI_POSTGRES_IMAGE:-postgres:15-bookworm}" postgres
server_image "${BAIMI_REDIS_IMAGE:-redis:7-bookworm}" redis

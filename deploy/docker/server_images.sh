#!/usr/bin/env bash
# server_images.sh: the engine has the images of PostgreSQL and Redis that docker-compose.yml names.
# Each stays as it is when it is there, is pulled where a registry has it, and is made of Debian's
# packages, under the same name, where none does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/docker/engine.sh
source deploy/docker/engine.sh

server_image() { # NAME DIRECTORY
  if has_image "$1"; then
    echo "$1 is there"
  elif pull_image "$1" 2>/dev/null; then
    echo "$1 pulled"
  else
    deploy/docker/base_image.sh
    docker build --quiet --tag "$1" "deploy/docker/$2" >/dev/null
    echo "$1 made of Debian's packages"
  fi
}

use_engine_clients
server_image "$(setting POSTGRES_IMAGE postgres:15-bookworm)" postgres
server_image "$(setting REDIS_IMAGE redis:7-bookworm)" redis

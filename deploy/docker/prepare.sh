#!/usr/bin/env bash
# prepare.sh [BUILD-OPTION...]: what docker-compose.yml needs before `up`: images of the servers where
# no registry has them, the secrets unless they are there, and our images, built anew where sources
# changed. With BuildKit, which docker-compose 1.29 by itself does not ask for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/docker/engine.sh
source deploy/docker/engine.sh
use_engine_clients
deploy/docker/server_images.sh
deploy/docker/secrets.sh
compose --profile operator build "$@"

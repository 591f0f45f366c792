# The container engine's clients, whatever their age. Sourced, never run.
# shellcheck shell=bash

# builds_images DOCKER: BuildKit is part of the client (before 23) or there as its plugin buildx.
builds_images() {
  [[ $("$1" --version 2>/dev/null) =~ ([0-9]+)\.[0-9]+ ]] || return 1
  ((BASH_REMATCH[1] < 23)) || "$1" buildx version >/dev/null 2>&1
}

# use_engine_clients: the first docker on the PATH that can build becomes the one that is found, also
# by docker-compose. Fails, with the reason on stderr, when there is none, or no compose.
use_engine_clients() {
  local client found=
  while read -r client; do
    if builds_images "$client"; then
      found=$client
      break
    fi
  done < <(type -aP docker)
  if [[ -z $found ]]; then
    echo 'no docker client that can build (Debian: docker.io, elsewhere: docker with buildx)' >&2
    return 1
  fi
  export PATH=${found%/*}:$PATH DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
  if ! docker compose version >/dev/null 2>&1 && ! type -P docker-compose >/dev/null; then
    echo 'neither docker compose nor docker-compose (Debian: docker-compose)' >&2
    return 1
  fi
}

# compose ARGUMENT...: version 2 where it is there, or 1.29.
compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose "$@"
  else
    docker-compose "$@"
  fi
}

# setting NAME DEFAULT: of the environment, or of .env here, as docker-compose.yml takes it.
setting() {
  local value=${!1:-}
  if [[ -z $value && -f .env ]]; then value=$(sed -n "s/^$1=//p" .env | tail -n 1); fi
  printf '%s\n' "${value:-$2}"
}

engine_answers() { docker info >/dev/null 2>&1; }

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

# pull_image NAME: from a registry, if one has it. A minute is enough to know that none answers.
pull_image() { timeout "${PULL_SECONDS:-300}" docker pull --quiet "$1"; }

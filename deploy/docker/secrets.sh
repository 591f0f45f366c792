#!/usr/bin/env bash
# secrets.sh: makes the keys and passwords that docker-compose.yml hands to the containers, a file
# each, in the directory STACK_SECRETS (of the environment, of .env, or ./secrets). Does nothing when
# they are there: nothing is ever overwritten. The directory is for root and you alone; every file
# belongs to the user whose process reads it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/docker/engine.sh
source deploy/docker/engine.sh
umask 077

# Users inside the containers.
readonly SERVICES=65534:65534 SERVERS=999:999

# 32 characters that need no quoting in a URI, a passfile or a configuration.
password() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

# run_on DIRECTORY DOCKER-ARGUMENT...: a container that sees nothing but it, as /secrets.
run_on() {
  local directory=$1
  shift
  docker run --rm --network none --cap-drop ALL --security-opt no-new-privileges --read-only \
    --volume "$directory:/secrets" "$@"
}

make_passwords() { # DIRECTORY
  local role secret
  : >"$1/postgres.roles"
  for role in ticket registry; do
    secret=$(password)
    printf '%s %s\n' "$role" "$secret" >>"$1/postgres.roles"
    printf '*:*:*:%s:%s\n' "$role" "$secret" >"$1/$role.pgpass"
  done
  password >"$1/postgres.password"
  secret=$(password)
  printf '%s' "$secret" >"$1/redis.password"
  printf 'requirepass %s\n' "$secret" >"$1/redis.conf"
}

give_away() { # DIRECTORY
  local -a chown=(--user 0:0 --cap-add CHOWN --cap-add DAC_OVERRIDE --workdir /secrets
    debian:bookworm-slim chown)
  run_on "$1" "${chown[@]}" "$SERVERS" postgres.password postgres.roles redis.conf
  run_on "$1" "${chown[@]}" "$SERVICES" ticket.pgpass registry.pgpass redis.password master.key \
    page.key receipt.key api-keys.json tokens/service
}

main() {
  local directory making tool
  directory=$(realpath -m "$(setting STACK_SECRETS ./secrets)")
  tool=baimictl:$(setting STACK_TAG latest)
  if [[ -e $directory/complete ]]; then
    echo "$directory is there"
    return 0
  fi
  if [[ -d $directory && -n $(ls -A "$directory") ]]; then
    echo "$directory: got a directory with other files in it, want an empty or a new one" >&2
    return 1
  fi
  use_engine_clients
  docker build --quiet --file deploy/docker/Dockerfile --target baimictl --tag "$tool" \
    --build-arg BINARIES="$(setting STACK_BINARIES compiled)" .
  mkdir -p "$directory"
  # Moved into place whole, so that one that was cut off is done again.
  making=$(mktemp -d "$directory.XXXXXX")
  # shellcheck disable=SC2064  # as it is now
  trap "rm -rf '$making'" EXIT
  run_on "$making" --user "$(id -u):$(id -g)" "$tool" init --secrets /secrets
  make_passwords "$making"
  give_away "$making"
  touch "$making/complete"
  rmdir "$directory"
  mv "$making" "$directory"
  echo "made $directory; keys of callers: $directory/tokens/"
}

main

#!/usr/bin/env bash
# Starts PostgreSQL; an empty PGDATA becomes a cluster first. Of the official image's variables:
# PGDATA, POSTGRES_USER (postgres), POSTGRES_PASSWORD_FILE (required), POSTGRES_INITDB_ARGS. Shell
# scripts in /docker-entrypoint-initdb.d run once, against a server that listens on its socket only.
set -euo pipefail
export PGUSER=${POSTGRES_USER:-postgres}

# make_cluster DIRECTORY
make_cluster() {
  local script
  local -a arguments
  read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --username="$PGUSER" --pwfile="$POSTGRES_PASSWORD_FILE" "${arguments[@]}" -D "$1"
  echo 'host all all all scram-sha-256' >>"$1/pg_hba.conf"
  pg_ctl -D "$1" -o "-c listen_addresses=''" -w start
  for script in /docker-entrypoint-initdb.d/*.sh; do
    if [[ -f $script ]]; then
      echo "running $script"
      bash "$script"
    fi
  done
  pg_ctl -D "$1" -m fast -w stop
}

# first_start: a cluster that is complete moves into place, its PG_VERSION last. A first start that was
# cut off leaves the other directory behind, and is done again.
first_start() {
  local making=$PGDATA/.making
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  if [[ -d $making ]]; then find "$PGDATA" -mindepth 1 -delete; fi
  make_cluster "$making"
  find "$making" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
  mv "$making/PG_VERSION" "$PGDATA"
  rmdir "$making"
}

if [[ ${1:-} == postgres ]]; then
  if [[ ! -s $PGDATA/PG_VERSION ]]; then first_start; fi
  set -- "$@" -c 'listen_addresses=*'
fi
exec "$@"

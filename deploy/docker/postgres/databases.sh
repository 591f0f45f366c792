#!/usr/bin/env bash
# Run once by a new PostgreSQL container: a login role for each line "ROLE PASSWORD" of the secret
# postgres.roles, and a database of that name that it owns; and the database `keys` that all of them
# share, with the data keys. A role reaches no other database.
set -euo pipefail

sql() { psql -X --quiet --set=ON_ERROR_STOP=1 --dbname=postgres "$@"; }

make_database() { # DATABASE OWNER
  sql --set=database="$1" --set=owner="$2" <<'END'
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
END
}

# make_role ROLE PASSWORD: in the database `keys` it acts as the role that owns everything there.
make_role() {
  sql --set=role="$1" --set=password="$2" <<'END'
CREATE ROLE :"role" LOGIN PASSWORD :'password' IN ROLE keys;
ALTER ROLE :"role" IN DATABASE keys SET role = keys;
END
}

sql --command='CREATE ROLE keys' --command='REVOKE CONNECT ON DATABASE postgres FROM PUBLIC'
make_database keys keys
while read -r role password; do
  make_role "$role" "$password"
  make_database "$role" "$role"
done </run/secrets/postgres.roles

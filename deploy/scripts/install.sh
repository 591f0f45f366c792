# Installs what deploy/packages.txt and tests/e2e/package-lock.json list and the machine lacks.
# shellcheck shell=bash

readonly E2E_DIR=$BAIMI_ROOT/tests/e2e
readonly NODE_BIN=$E2E_DIR/node_modules/.bin

# packages_of SECTION...: the package names of these sections.
packages_of() {
  awk -v wanted=" $* " '
    { sub(/#.*/, "") }
    /^\[/ { gsub(/[][ \t]/, ""); use = index(wanted, " " $0 " "); next }
    use && NF { print $1 }' "$BAIMI_ROOT/deploy/packages.txt"
}

# missing_packages SECTION...: those of them that dpkg does not know as installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${binary:Package} ${db:Status-Status}\n' |
    awk '$2 == "installed" { sub(/:.*/, "", $1); print $1 }' | sort -u)
  comm -23 <(packages_of "$@" | sort -u) <(printf '%s\n' "$installed")
}

have_node() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 18 || (a == 18 && b >= 20) ? 0 : 1)'
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update &&
    as_root apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
}

# install_packages SECTION...
install_packages() {
  command -v dpkg-query >/dev/null ||
    die "this is not a Debian system; deploy/packages.txt lists what is needed"
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  say "installing ${#missing[@]} packages: ${missing[*]}"
  if ((EUID != 0)) && ! sudo -n true 2>/dev/null; then
    die "not root; please run: sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  quietly apt apt_install "${missing[@]}" || die "the packages could not be installed"
}

npm_install() {
  cd "$E2E_DIR" || return
  # No install scripts: the tools ship what they need inside their packages.
  npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
}

# The pinned tools of tests/e2e, when the lock file has changed.
install_node_tools() {
  local stamp=$E2E_DIR/node_modules/.baimi-lock
  cmp -s "$E2E_DIR/package-lock.json" "$stamp" && return 0
  say 'installing the contract and client tools of tests/e2e'
  quietly npm npm_install || die "npm ci failed"
  cp "$E2E_DIR/package-lock.json" "$stamp"
}

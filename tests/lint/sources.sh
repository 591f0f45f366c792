#!/usr/bin/env bash
# sources.sh PATTERN...: the project's own files of these kinds, tracked or new, one a line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
git ls-files --cached --others --exclude-standard --deduplicate -- "$@" |
  while read -r file; do
    if [[ -f $file ]]; then echo "$file"; fi
  done

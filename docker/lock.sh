#!/usr/bin/env bash
# Writes docker/locked anew from pyproject.toml: the newest that it allows, with digests. Needs uv.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
  name=$1
  shift
  uv pip compile --quiet --generate-hashes --python-version 3.12 --python-platform linux \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    --output-file "docker/locked/$name.txt" "$@"
}

rm -f docker/locked/*.txt
printf 'hatchling>=1.27\nuv>=0.9\n' | lock build -
lock suite pyproject.toml --extra mock
lock server pyproject.toml --extra server --extra valkey

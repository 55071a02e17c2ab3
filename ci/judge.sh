#!/usr/bin/env bash
# Judges a gateway for a CI job: inputs come by the environment (INPUT_..., GATEWAY_TOKEN), outputs go to $GITHUB_OUTPUT where
# there is one, and the exit status is that of the judge.
set -uo pipefail

folder="${INPUT_REPORT_DIR:-conformance-report}"
mkdir -p "$folder"
arguments=(--report-dir "$folder" --effort "${INPUT_EFFORT:-standard}" --seed "${INPUT_SEED:-0}")

target="${INPUT_TARGET:-}"
if [ -z "$target" ]; then
  # The token is read from the environment, so that it stands on no command line. ${...} is the target file's own notation.
  target="$folder/target.yaml"
  # shellcheck disable=SC2016
  printf 'base_url: ${INPUT_BASE_URL}\ntoken: ${GATEWAY_TOKEN}\n' > "$target"
fi
[ -n "${INPUT_CONTRACT:-}" ] && arguments+=(--contract "$INPUT_CONTRACT")
[ -n "${INPUT_BASELINE:-}" ] && arguments+=(--baseline "$INPUT_BASELINE")
[ "${INPUT_STRICT:-false}" = true ] && arguments+=(--strict)
while IFS= read -r glob; do
  [ -n "$glob" ] && arguments+=(--select "$glob")
done <<< "${INPUT_SELECT:-}"

audio-conformance run "$target" "${arguments[@]}"
status=$?

output="${GITHUB_OUTPUT:-/dev/null}"
{
  echo "report-dir=$folder"
  [ -f "$folder/report.json" ] && python3 - "$folder/report.json" <<'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
print(f"verdict={report['verdict']}")
print(f"counts={json.dumps(report['counts'])}")
print(f"causes={len(report['causes'])}")
PYTHON
} >> "$output"
exit "$status"

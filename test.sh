#!/usr/bin/env bash
# Runs every test. Installs PostgreSQL where it is missing (the tests start a throwaway cluster of their own); needs nothing else but the .NET SDK.
set -euo pipefail
cd "$(dirname "$0")"

has_postgres() { command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

if ! has_postgres; then
  echo "PostgreSQL is not installed; installing it with apt-get"
  as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
  # Debian would start a server of its own at once; the tests want only the programs.
  as_root mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends postgresql
  has_postgres || { echo "PostgreSQL could not be installed; install it and run ./test.sh again" >&2; exit 1; }
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build Integration.sln --nologo -v quiet

# The tests start hundreds of programs that live for seconds, and most of what those cost is compiling: they gain nothing from counted calls, nor from
# pages that are never writable and executable at once.
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
dotnet run --project tests/Integration.Tests --no-build -- -noColor "$@" 2>&1 | tee "$log" || status=$?

# One closing line that a person and a machine can both read.
summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' "$log" | tail -n 1)
[ -n "$summary" ] || { echo "the test runner gave no summary" >&2; exit 1; }
read -r total errors failed skipped unrun <<<"$(tr -cs '0-9\n' ' ' <<<"$summary")"
printf '\n%s\n' "$((total - failed - skipped - unrun)) passed, $((failed + errors)) failed, $skipped skipped"
exit "$status"

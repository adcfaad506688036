#!/usr/bin/env bash
# Kills workers at seeded moments and holds what is left against the sources and the portal; see docs/reliability.md.
#   ./reliability.sh --seeds 200 --kills 10 --store both      the full profile
#   ./reliability.sh --seed 17 --seeds 1 --store sqlite       one seed again
#   ./reliability.sh --planted                                bugs put in on purpose, each of which must be caught
set -euo pipefail
cd "$(dirname "$0")"

seeds=20 kills=10 store=both seed="" what=Seeds_hold
while [ $# -gt 0 ]; do
  case "$1" in
    --seeds) seeds=$2; shift 2 ;;
    --kills) kills=$2; shift 2 ;;
    --store) store=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --planted) what=Planted_bugs_are_caught; shift ;;
    *) echo "use: ./reliability.sh [--seeds N] [--kills N] [--store sqlite|postgres|both] [--seed S] [--planted]" >&2; exit 2 ;;
  esac
done
case "$store" in sqlite | postgres | both) ;; *) echo "--store is sqlite, postgres or both" >&2; exit 2 ;; esac
if [ "$what" = Planted_bugs_are_caught ]; then
  [ "$store" = both ] && store=sqlite
  [ "$seeds" = 20 ] && seeds=50
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build tests/Integration.Tests --nologo -v quiet

# Thousands of workers are started: one as it is shipped, compiled beforehand, costs half. A debug build, for its failpoints.
if [ "$what" = Seeds_hold ]; then
  worker=$PWD/artifacts/worker
  dotnet publish src/Integration -c Debug -p:Shipped=true -o "$worker" --nologo -v quiet
  export RELIABILITY_PROGRAM=$worker/integration
fi

run() {
  export RELIABILITY_STORE=$1 RELIABILITY_SEEDS=$seeds RELIABILITY_KILLS=$kills
  if [ -n "$seed" ]; then export RELIABILITY_SEED=$seed; fi
  tests/Integration.Tests/bin/Debug/net10.0/Integration.Tests -explicit only -method "Integration.Tests.Crash.ReliabilityRun.$what" -noColor -noLogo
}

if [ "$store" = both ]; then
  run sqlite & sqlite=$!
  run postgres & postgres=$!
  status=0
  wait $sqlite || status=$?
  wait $postgres || status=$?
  exit $status
fi
run "$store"

#!/usr/bin/env bash
# Measures the product against hand-written floors over the same data; see docs/performance.md.
#   ./bench.sh [--rows N] [--pairs N] [--latency MS] [--only raw,postgres]   the first load
#   ./bench.sh later [--rows N]                                              what comes after it
#   ./bench.sh later workers                                                 of that, one and two workers only
#   ./bench.sh later unchanged --rows N                                      of that, everything read again only
#   ./bench.sh pieces                                                        single pieces of the way of a row
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build tests/Integration.Benchmarks --nologo -v quiet -c Release

# The product as it is shipped: a province runs that, and not what a build leaves.
export BENCH_PRODUCT=$PWD/artifacts/shipped/integration
[ "${1-}" = pieces ] || dotnet publish src/Integration -c Release -p:Shipped=true -o "$(dirname "$BENCH_PRODUCT")" --nologo -v quiet
exec dotnet tests/Integration.Benchmarks/bin/Release/net10.0/Integration.Benchmarks.dll "$@"

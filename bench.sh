#!/usr/bin/env bash
# Measures the product against hand-written floors over the same data; see docs/performance.md.
#   ./bench.sh [--rows N] [--pairs N] [--latency MS] [--only raw,postgres]   the first load
#   ./bench.sh later [--rows N]                                              what comes after it
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build tests/Integration.Benchmarks --nologo -v quiet -c Release
exec dotnet tests/Integration.Benchmarks/bin/Release/net10.0/Integration.Benchmarks.dll "$@"

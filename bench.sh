#!/usr/bin/env bash
# Measures the product against hand-written floors over the same data: ./bench.sh [--rows N] [--pairs N] [--latency MS] [--only raw,postgres].
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build tests/Integration.Benchmarks --nologo -v quiet -c Release
exec dotnet tests/Integration.Benchmarks/bin/Release/net10.0/Integration.Benchmarks.dll "$@"

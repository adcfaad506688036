using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Integration.Benchmarks.Pieces;

/// <summary>The hot pieces one by one, each figure a row or a record.</summary>
internal static class Piecewise
{
    public static int Run(string[] arguments)
    {
        // In this process: nothing is built anew, so that nothing but this program need be there.
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "integration-pieces"));
        var summaries = BenchmarkSwitcher.FromTypes([typeof(RowPieces), typeof(LookupPieces), typeof(CallPieces)]).Run(arguments is [] ? ["--filter", "*"] : arguments, config);
        return summaries.Any(static s => s.HasCriticalValidationErrors || s.Reports.Any(static r => !r.Success)) ? 1 : 0;
    }
}

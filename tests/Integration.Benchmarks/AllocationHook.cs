using System.Globalization;

/// <summary>
/// Loaded by the runtime into every program that is measured (<c>DOTNET_STARTUP_HOOKS</c>): at its end it writes down how much it allocated, so
/// that the product itself need not know that it is measured.
/// </summary>
#pragma warning disable CA1050 // the runtime looks for this very name, outside of any namespace
internal static class StartupHook
#pragma warning restore CA1050
{
    /// <summary>Names the file.</summary>
    public const string Variable = "BENCH_ALLOCATED";

    public static void Initialize() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file)
        {
            File.WriteAllText(file, GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture));
        }
    };
}

using System.CommandLine;
using Integration.Pipelines;

namespace Integration.Commands;

/// <summary>The whole command line: <c>integration &lt;command&gt;</c>.</summary>
internal static class CommandLine
{
    public static RootCommand Build() => new("Đồng bộ dữ liệu của tỉnh lên các hệ thống quốc gia / keeps national systems in step with a province's own")
    {
        GlobalOptions.Json,
        GlobalOptions.Lang,
        RunCommand.Build(),
        CheckCommand.Build(),
        StatusCommand.Build(),
        SyncCommand.Build(),
        ExplainCommand.Build(),
        FailuresCommand.Build(),
        PauseCommand.BuildPause(),
        PauseCommand.BuildResume(),
        HealthCommand.Build(),
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Build().Parse(args);

        // The default gives up after two seconds, long before a worker has finished the calls it is in.
        var exit = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Worker.ShutdownTimeout + TimeSpan.FromSeconds(5) });
        return parsed.Errors.Count > 0 ? Exit.WrongUse : exit;
    }
}

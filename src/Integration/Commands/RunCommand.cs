using System.CommandLine;
using Integration.Console;
using Integration.Pipelines;
using Integration.Records;

namespace Integration.Commands;

/// <summary><c>integration run</c>: the worker with its status page, until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Build(Terminal terminal)
    {
        var withStdin = new Option<bool>("--stop-with-stdin") { Description = "Dừng khi đầu vào chuẩn đóng / stop when standard input closes" };
        var command = new Command("run", "Chạy tiến trình đồng bộ / run the worker") { withStdin };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            if (WorkerLock.TryTake(context.Workspace.Settings.Ledger) is not { } held)
            {
                return context.Screen.Fail(
                    new Text("Sổ SQLite này đang có một tiến trình khác dùng. Nhiều tiến trình cùng lúc: dùng Ledger__Provider=postgres.",
                        "Another worker is using this SQLite ledger. For several workers use Ledger__Provider=postgres."),
                    Exit.WrongUse);
            }

            using (held)
            {
                await using var app = Compose(context);
                return await RunAsync(terminal, app, context, parsed.GetValue(withStdin), cancel);
            }
        }));
        return command;
    }

    private static WebApplication Compose(CommandContext context)
    {
        var workspace = context.Workspace;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddConfiguration(workspace.Configuration);
        builder.WebHost.UseUrls(workspace.Settings.Http.Url);
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(2));
        builder.Logging.ClearProviders().AddSimpleConsole(o => { o.SingleLine = true; o.TimestampFormat = "yyyy-MM-dd HH:mm:ss "; });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Coravel", LogLevel.Warning);

        // A start that fails is told in a sentence, not as a stack trace beside it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Host.UseSystemd();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = Worker.ShutdownTimeout);
        builder.Services
            .AddSingleton(context.Clock)
            .AddSingleton(workspace)
            .AddSingleton(workspace.Settings)
            .AddSingleton(context.Worker)
            .AddSingleton<WorkerHealth>()
            .AddSingleton(s => workspace.OpenLedger(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>()))
            .AddSingleton(s => PipelineSet.Build(workspace.Definitions.Pipelines, workspace.Configuration, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>()))
            .AddHostedService<Worker>();

        // After the worker, which writes the schedule down before its clock begins to tick.
        Schedule.Add(builder.Services);
        var app = builder.Build();
        Pages.Map(app);
        return app;
    }

    private static async Task<int> RunAsync(Terminal terminal, WebApplication app, CommandContext context, bool withStdin, CancellationToken cancel)
    {
        // Made before anything listens, so that what is wrong with the connections is told like every other mistake.
        app.Services.GetRequiredService<PipelineSet>();
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException)
        {
            // The worker may be at work already: it is stopped before what it works with is taken away.
            await app.StopAsync(CancellationToken.None);
            var url = context.Workspace.Settings.Http.Url;
            return context.Screen.Fail(new Text(
                $"Không mở được {url}: cổng đang có chương trình khác dùng, hoặc máy không có địa chỉ này. Đổi Http__Url.",
                $"{url} cannot be opened: another program uses the port, or the machine has no such address. Change Http__Url."), Exit.CannotReach);
        }

        Tell(terminal, $"listening {app.Urls.First()}");
        if (withStdin)
        {
            _ = Task.Run(async () =>
            {
                while (await System.Console.In.ReadLineAsync(CancellationToken.None) is not null)
                {
                    // Only the end of the input matters.
                }

                app.Lifetime.StopApplication();
            }, CancellationToken.None);
        }

        await app.WaitForShutdownAsync(cancel);
        return Environment.ExitCode;
    }

    private static void Tell(Terminal terminal, string line)
    {
        try
        {
            terminal.Out.WriteLine(line);
        }
        catch (IOException)
        {
            // A full disk under the log is no reason to leave records lying.
        }
    }
}

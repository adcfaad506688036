using System.CommandLine;
using System.Net.Sockets;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary><c>integration health</c>: asks the worker on this machine whether it is ready; for container health checks, which have no curl.</summary>
internal static class HealthCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command("health", "Hỏi tiến trình trên máy này còn sẵn sàng không / ask the worker on this machine whether it is ready");
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
            try
            {
                using var answer = await client.GetAsync(Address(context.Workspace.Settings.Http.Url), cancel);
                if (!answer.IsSuccessStatusCode)
                {
                    return context.Screen.Fail(new Text("Tiến trình đang chạy nhưng chưa sẵn sàng.", "The worker runs but is not ready."), Exit.CannotReach);
                }
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                return context.Screen.Fail(new Text(
                    $"Không hỏi được tiến trình ở {context.Workspace.Settings.Http.Url}: chưa chạy, hoặc Http__Url khác.",
                    $"The worker cannot be asked at {context.Workspace.Settings.Http.Url}: it does not run, or Http__Url differs."), Exit.CannotReach);
            }

            if (context.Screen.IsJson)
            {
                context.Screen.Write(new { ready = true });
            }

            return Exit.Done;
        }, settingsOnly: true));
        return command;
    }

    // The worker may listen on every address (http://+:8080); it is asked on this machine.
    private static string Address(string url) => $"{url.Replace("+", "127.0.0.1", StringComparison.Ordinal).Replace("*", "127.0.0.1", StringComparison.Ordinal).TrimEnd('/')}/health/ready";
}

using System.Diagnostics;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.PortalSimulator;

/// <summary>The simulator as a process of its own.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("portal-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_says_where_it_listens_keeps_its_effects_and_ends_with_its_parents_pipe()
    {
        using (var portal = await RunningPortal.StartAsync(_folder.FullName))
        {
            using var client = await PortalClient.LoggedInAsync(portal.Url);
            Assert.Equal(0, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-1"))));
            Assert.Equal(0, await portal.EndAsync());
        }

        using (var again = await RunningPortal.StartAsync(_folder.FullName))
        {
            using var client = await PortalClient.LoggedInAsync(again.Url);
            Assert.Equal(-3, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-1"))));
            Assert.Equal(0, await again.EndAsync());
        }
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--port", "x")]
    [InlineData("--listen", "everywhere")]
    [InlineData("--password-file", "/nowhere")]
    [InlineData("--unknown")]
    public async Task Wrong_use_ends_with_two_and_says_how(params string[] args)
    {
        using var process = Start(args);
        var said = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        Assert.Equal(2, process.ExitCode);
        Assert.Contains("--stop-with-stdin", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_ends_with_three_and_no_stack_trace()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var process = Start(["--port", new Uri(portal.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--stop-with-stdin"]);
        var said = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        Assert.Equal(3, process.ExitCode);
        Assert.Contains("address already in use", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    private static Process Start(IEnumerable<string> args) => Process.Start(new ProcessStartInfo("dotnet", [typeof(Portal).Assembly.Location, .. args])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private sealed class RunningPortal(Process process, string url) : IDisposable
    {
        public string Url { get; } = url;

        public static async Task<RunningPortal> StartAsync(string folder)
        {
            var process = Start(["--port", "0", "--data", folder, "--stop-with-stdin"]);
            var line = await process.StandardOutput.ReadLineAsync(Token);
            Assert.StartsWith("listening http://127.0.0.1:", line, StringComparison.Ordinal);
            return new RunningPortal(process, line!["listening ".Length..]);
        }

        public async Task<int> EndAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(Token);
            return process.ExitCode;
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }
    }
}

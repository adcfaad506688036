using System.Diagnostics;
using Demo;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Demo;

public sealed class ChildProcessTests
{
    private static readonly string[] _arguments = ["--port", "0", "--stop-with-stdin"];
    private static readonly Dictionary<string, string> _nothing = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_built_simulator_starts_from_our_own_folder_and_says_where_it_listens()
    {
        await using var simulator = ChildProcess.Start("PortalSimulator.dll", _arguments, _nothing);
        var url = new Uri(await simulator.WaitForLineAsync("listening ", Cancelled));
        using var client = new HttpClient();
        using var response = await client.GetAsync(url, Cancelled);

        Assert.Equal("127.0.0.1", url.Host);
        Assert.Equal(0, await simulator.StopAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_program_that_cannot_start_says_why_in_its_last_lines()
    {
        await using var simulator = ChildProcess.Start("PortalSimulator.dll", ["--no-such-option"], _nothing);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => simulator.WaitForLineAsync("listening ", Cancelled));

        Assert.Contains("--port N", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, await simulator.Ended);
    }

    [Fact]
    public void The_programs_that_the_demo_starts_lie_beside_it()
    {
        foreach (var program in (string[])["integration", "PortalSimulator"])
        {
            foreach (var part in (string[])[".dll", ".runtimeconfig.json", ".deps.json"])
            {
                Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, program + part)), program + part);
            }
        }
    }

    [Fact]
    public async Task A_killed_program_is_started_again_and_ends_when_it_is_told_to()
    {
        var notices = new List<Text>();
        var addresses = System.Threading.Channels.Channel.CreateUnbounded<(ChildProcess Child, Task<string> Url)>();
        var kept = new KeptAlive(
            () =>
            {
                var child = ChildProcess.Start("PortalSimulator.dll", _arguments, _nothing);
                addresses.Writer.TryWrite((child, child.WaitForLineAsync("listening ", CancellationToken.None)));
                return child;
            },
            notices.Add, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var running = kept.RunAsync(stop.Token);

        var first = await addresses.Reader.ReadAsync(Cancelled);
        await first.Url;
        first.Child.Kill();
        var second = await addresses.Reader.ReadAsync(Cancelled);
        await second.Url;
        using var process = Process.GetProcessById(second.Child.Id);
        await stop.CancelAsync();
        await running;

        Assert.Contains("137", Assert.Single(notices).En, StringComparison.Ordinal);
        await process.WaitForExitAsync(Cancelled);
    }

    [Fact]
    public async Task A_program_that_never_stays_up_is_given_up_with_its_last_lines()
    {
        var starts = 0;
        var kept = new KeptAlive(
            () =>
            {
                starts++;
                return ChildProcess.Start("PortalSimulator.dll", ["--no-such-option"], _nothing);
            },
            _ => { }, TimeProvider.System);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => kept.RunAsync(Cancelled));

        Assert.Equal(3, starts);
        Assert.Contains("--port N", failure.Message, StringComparison.Ordinal);
    }
}

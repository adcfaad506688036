using Demo.Province;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Integration.Tests.Pipelines;

/// <summary>A source is read no faster than its records leave, and no further than the disk reaches.</summary>
public sealed class BackpressureTests(PostgresCluster cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_run_waits_while_the_backlog_is_long_and_goes_on_alone_when_it_is_not(string store)
    {
        await using var work = await ProvinceAtWork.StartAsync(60, store == "postgres" ? await cluster.CreateDatabaseAsync(Cancelled) : null, Cancelled);
        var (limits, log) = (new LimitSettings { Backlog = 20, LookEvery = TimeSpan.FromMilliseconds(50) }, new Said());
        await work.SyncAsync("services");
        var run = Run(work, limits, log).RunAsync(new SyncRequest(RunKind.Request, WaitForRoom: true), Cancelled);
        await Until.TrueAsync(() => Task.FromResult(log.Lines.Count > 0), TimeSpan.FromSeconds(30), () => Task.FromResult("the run told that it waits"));
        var (held, watermark) = (await CountAsync(work), await work.Ledger.ReadWatermarkAsync("dossiers", Cancelled));
        Assert.InRange(held, 20, 60);
        Assert.False(run.IsCompleted);
        Assert.Contains("records wait to be sent, the limit is 20 (Limits:Backlog)", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Equal(watermark, await work.Ledger.ReadWatermarkAsync("dossiers", Cancelled));

        await DeliverAsync(work);
        var result = await run.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        Assert.Equal(RunOutcome.Done, result.Outcome);
        Assert.EndsWith("extraction goes on", log.Lines[^1], StringComparison.Ordinal);
        await work.SyncAsync("dossiers");
        Assert.Equal(Expectations.Read(work.Province).Single(e => e.Pipeline == "dossiers").Extracted, await CountAsync(work));
    }

    [Fact]
    public async Task A_run_asked_for_by_hand_does_not_wait_and_says_why()
    {
        await using var work = await ProvinceAtWork.StartAsync(40, null, Cancelled);
        var result = await Run(work, new LimitSettings { Backlog = 10, FreeDisk = 0 }, new Said()).RunAsync(new SyncRequest(RunKind.Request), Cancelled);
        Assert.Equal(RunOutcome.BrokenOff, result.Outcome);
        Assert.StartsWith("Ngừng đọc nguồn:", result.Detail!.Vi, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(999L, 100L << 20, false, null)]
    [InlineData(1000L, 100L << 20, false, "1000 bản ghi")]
    [InlineData(950L, 200L << 20, true, "950 bản ghi")]
    [InlineData(899L, 111L << 20, true, null)]
    [InlineData(0L, 99L << 20, false, "còn 99 MB, cần 100 MB")]
    [InlineData(0L, 105L << 20, true, "còn 105 MB")]
    public void The_limits_are_left_at_a_distance(long backlog, long free, bool isWaiting, string? said)
    {
        var reason = Backpressure.Of(new LedgerRoom(backlog, free), new LimitSettings { Backlog = 1000, FreeDisk = 100 << 20 }, isWaiting);
        Assert.Equal(said is not null, reason?.Vi.Contains(said ?? "", StringComparison.Ordinal) == true);
        Assert.Null(Backpressure.Of(new LedgerRoom(0, null), new LimitSettings()));
    }

    private static SyncRun Run(ProvinceAtWork work, LimitSettings limits, Said log) => new(
        work.Pipelines.Find("dossiers")!, work.Ledger, new WorkerIdentity("test", Language.English), TimeSpan.FromMinutes(2), TimeProvider.System, log, limits);

    private static async Task<long> CountAsync(ProvinceAtWork work) =>
        (await work.Ledger.ReadStatusAsync(Cancelled)).Single(s => s.Pipeline == "dossiers").States.Values.Sum();

    private static async Task DeliverAsync(ProvinceAtWork work)
    {
        foreach (var name in (string[])["services", "dossiers"])
        {
            var lane = new DeliveryLane(
                work.Pipelines.Find(name)!, work.Ledger, new WorkerIdentity("test", Language.English), work.Delivery, TimeProvider.System, NullLogger<DeliveryLane>.Instance);
            await lane.DrainAsync(Cancelled, Cancelled);
        }
    }

    /// <summary>What an operator would read about waiting.</summary>
    private sealed class Said : ILogger<SyncRun>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is "ExtractionWaits" or "ExtractionGoesOn")
            {
                Lines.Add(formatter(state, exception));
            }
        }
    }
}

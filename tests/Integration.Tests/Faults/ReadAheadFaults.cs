using Integration.Extract;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>A page is read while the one before it is stored: what befalls the one must not hide what befell the other.</summary>
public sealed class ReadAheadFaults
{
    private const string Sweep = "sql: { connection: Source, query: things.sql, key: key }";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_for_a_person_is_told_although_the_source_fails_at_the_next_page()
    {
        using var source = new SqliteRecords(100);
        await using var bench = await FaultBench.StartAsync(Sweep, source.Connection);
        await bench.SyncedAsync();
        source.Execute("UPDATE record SET name = name || 'x'");

        var result = await SyncAsync(bench, new SourceUnavailableException(new Text("Nguồn không trả lời.", "The source does not answer.")));

        Assert.Equal(RunOutcome.Stopped, result.Outcome);
        Assert.Contains("100 trong 100 bản ghi thay đổi", result.Detail!.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_read_before_the_source_fails_is_stored()
    {
        using var source = new SqliteRecords(100);
        await using var bench = await FaultBench.StartAsync(Sweep, source.Connection);

        var result = await SyncAsync(bench, new SourceUnavailableException(new Text("Nguồn không trả lời.", "The source does not answer.")));

        Assert.Equal(RunOutcome.BrokenOff, result.Outcome);
        Assert.Equal(100, result.Counts.Added);
        Assert.Equal(100, await bench.CountAsync(RecordState.Ready));
    }

    [Fact]
    public async Task A_mistake_of_the_program_while_reading_ahead_leaves_what_was_read_before()
    {
        using var source = new SqliteRecords(100);
        await using var bench = await FaultBench.StartAsync(Sweep, source.Connection);
        await Assert.ThrowsAsync<DivideByZeroException>(() => SyncAsync(bench, new DivideByZeroException()));
        Assert.Equal(100, await bench.CountAsync(RecordState.Ready));
    }

    private static async Task<SyncResult> SyncAsync(FaultBench bench, Exception afterFirstPage)
    {
        var things = bench.Pipelines.Find(FaultBench.Things)!;
        var failing = new Pipeline(things.Definition, new FailingLater(things.Source, afterFirstPage), things.Target);
        return await new SyncRun(failing, bench.Ledger, new WorkerIdentity("test", Language.Vietnamese), TimeSpan.FromMinutes(1), TimeProvider.System, bench.Heard.As<SyncRun>(), FaultBench.AnyDisk)
            .RunAsync(new SyncRequest(RunKind.Request), Cancelled);
    }

    private sealed class FailingLater(ISource source, Exception afterFirstPage) : ISource
    {
        public async Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken) => new Reading(await source.BeginAsync(request, cancellationToken), afterFirstPage);

        public Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken) => source.FindAsync(key, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Reading(IReading reading, Exception afterFirstPage) : IReading
    {
        private int _pages;

        public bool IsComplete => reading.IsComplete;

        public IReadOnlyList<Text> Notes => reading.Notes;

        public SourceFile? FinishedFile => reading.FinishedFile;

        public async Task<RowPage?> ReadAsync(CancellationToken cancellationToken) => _pages++ == 0 ? await reading.ReadAsync(cancellationToken) : throw afterFirstPage;

        public Task CommittedAsync(CancellationToken cancellationToken) => reading.CommittedAsync(cancellationToken);

        public ValueTask DisposeAsync() => reading.DisposeAsync();
    }
}

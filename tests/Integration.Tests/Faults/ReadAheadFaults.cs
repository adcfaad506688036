using Integration.Extract;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Microsoft.Data.Sqlite;
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

    [Fact]
    public async Task Known_rows_read_before_the_source_fails_are_counted()
    {
        using var source = new SqliteRecords(100);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.SyncedAsync();

        var result = await SyncAsync(bench, new SourceUnavailableException(new Text("Nguồn không trả lời.", "The source does not answer.")), full: true);

        Assert.Equal(RunOutcome.BrokenOff, result.Outcome);
        Assert.Equal(new SliceCounts(100, 100, 0, 0, 0, 0), result.Counts);
    }

    [Fact]
    public async Task A_key_that_comes_back_two_pages_later_as_it_was_is_no_known_row()
    {
        using var source = new SqliteRecords(2);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.SyncedAsync();
        await bench.DeliverAsync();

        source.Execute("CREATE TABLE kept AS SELECT * FROM record");
        string[] moments =
        [
            "DELETE FROM record WHERE key = 'K000002'; UPDATE record SET name = 'other'",
            "DELETE FROM record; INSERT INTO record SELECT * FROM kept WHERE key = 'K000002'",
            "DELETE FROM record; INSERT INTO record SELECT * FROM kept WHERE key = 'K000001'",
        ];
        using var ledger = new SqliteConnection($"Data Source={Path.Combine(bench.Folder, "ledger.db")};Pooling=False");
        await ledger.OpenAsync(Cancelled);
        await SyncAsync(bench, inner => new InMoments(inner, [.. moments.Select<string, Action>(sql => () => source.Execute(sql))], () => BusyFor(ledger, TimeSpan.FromMilliseconds(400))), full: true);
        await bench.DeliverAsync();

        source.Execute("DELETE FROM record; INSERT INTO record SELECT * FROM kept");
        Assert.Equal(new SliceCounts(2, 2, 0, 0, 0, 0), (await bench.SyncAsync(full: true)).Counts);
    }

    // What the page before comes to is not stored until then, however soon the next ones are read.
    private static void BusyFor(SqliteConnection ledger, TimeSpan time)
    {
        var transaction = ledger.BeginTransaction(deferred: false);
        _ = Task.Delay(time, Cancelled).ContinueWith(_ => transaction.Rollback(), TaskScheduler.Default);
    }

    private static Task<SyncResult> SyncAsync(FaultBench bench, Exception afterFirstPage, bool full = false) => SyncAsync(bench, s => new FailingLater(s, afterFirstPage), full);

    private static async Task<SyncResult> SyncAsync(FaultBench bench, Func<ISource, ISource> around, bool full)
    {
        var things = bench.Pipelines.Find(FaultBench.Things)!;
        var spoilt = new Pipeline(things.Definition, around(things.Source), things.Target);
        return await new SyncRun(spoilt, bench.Ledger, new WorkerIdentity("test", Language.Vietnamese), TimeSpan.FromMinutes(1), TimeProvider.System, bench.Heard.As<SyncRun>(), FaultBench.AnyDisk)
            .RunAsync(new SyncRequest(RunKind.Request, full), Cancelled);
    }

    private abstract class Around(ISource source) : ISource
    {
        public abstract Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken);

        public Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken) => source.FindAsync(key, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class FailingLater(ISource source, Exception afterFirstPage) : Around(source)
    {
        private readonly ISource _source = source;

        public override async Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken) =>
            new Reading(await _source.BeginAsync(request, cancellationToken), afterFirstPage);
    }

    /// <summary>One reading whose pages show the source at different moments, as one without a snapshot would.</summary>
    private sealed class InMoments(ISource source, IReadOnlyList<Action> moments, Action beforeFirst) : Around(source)
    {
        private readonly ISource _source = source;

        public override async Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken)
        {
            var pages = new List<RowPage>();
            foreach (var moment in moments)
            {
                moment();

                // Left open: a page belongs to its reading.
                pages.Add((await (await _source.BeginAsync(request, cancellationToken)).ReadAsync(cancellationToken))!);
            }

            beforeFirst();
            return new Pages(pages);
        }
    }

    private sealed class Pages(IReadOnlyList<RowPage> pages) : IReading
    {
        private int _next;

        public bool IsComplete => false;

        public IReadOnlyList<Text> Notes => [];

        public SourceFile? FinishedFile => null;

        public Task<RowPage?> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(_next < pages.Count ? pages[_next++] : null);

        public Task CommittedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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

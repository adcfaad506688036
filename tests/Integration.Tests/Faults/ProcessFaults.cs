using Integration.Extract;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Rows A9 and A11: a loop that dies, and a power cut.</summary>
public sealed class ProcessFaults
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact, Trait("Fault", "A9")]
    public async Task An_unforeseen_failure_in_one_pipeline_ends_the_worker_with_a_code_and_turns_its_health_red()
    {
        using var source = new SqliteRecords(3);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        var (health, heard) = (new WorkerHealth(TimeProvider.System), new Heard());
        await using var broken = new Pipeline(bench.Pipelines.All[0].Definition, new Failing(), bench.Pipelines.All[0].Target);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        Schedule.Add(builder.Services);
        builder.Services.AddLogging().AddHostedService(s => new Worker(
            new PipelineSet { All = [broken] }, bench.Ledger, new WorkerIdentity("test", Language.Vietnamese), bench.Workspace.Settings, health, TimeProvider.System, s,
            s.GetRequiredService<IHostApplicationLifetime>(), heard));
        using var host = builder.Build();
        try
        {
            await host.StartAsync(Cancelled);
            await host.WaitForShutdownAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);

            Assert.Equal(1, Environment.ExitCode);
            Assert.False(health.IsLive);
            Assert.Contains(heard.Lines, l => l.Contains("lỗi không lường trước, tiến trình dừng để được khởi động lại", StringComparison.Ordinal) && l.Contains("DivideByZeroException", StringComparison.Ordinal));
        }
        finally
        {
            Environment.ExitCode = 0;
        }
    }

    [Fact, Trait("Fault", "A11")]
    public async Task Copies_of_a_ledger_taken_while_it_is_written_open_sound_and_the_oldest_of_them_brings_all_without_sending_anything_twice()
    {
        var dice = new Random(20270);
        using var source = new SqliteRecords(1500);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, more: new() { ["Delivery:BatchBytes"] = "1024" });
        await bench.CloseAsync();
        bench.Portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = FaultModes.Slow, When = "after", DelayMs = 100 }] };
        var copies = new List<(string Folder, long Effects)>();
        await using (var worker = StrainedWorker.Start("exec \"$@\"", bench.Settings, "run", "--stop-with-stdin"))
        {
            await worker.UntilAsync(() => Task.FromResult(bench.Portal.Summary().Effects > 0));
            for (var i = 0; i < 12; i++)
            {
                await Task.Delay(dice.Next(20, 200), Cancelled);

                // Stopped, every file is as a power cut at this moment would leave it.
                worker.Signal("STOP");
                var folder = Directory.CreateDirectory(Path.Combine(bench.Folder, $"copy-{i}")).FullName;
                foreach (var file in (string[])["ledger.db", "ledger.db-wal"])
                {
                    if (File.Exists(Path.Combine(bench.Folder, file)))
                    {
                        File.Copy(Path.Combine(bench.Folder, file), Path.Combine(folder, file));
                    }
                }

                copies.Add((folder, bench.Portal.Summary().Effects));
                worker.Signal("CONT");
            }

            worker.Signal("KILL");
            await worker.Ended;
        }

        bench.Portal.Faults = new FaultPlan();
        var under = 0;
        foreach (var (folder, effects) in copies)
        {
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "ledger.db")};Pooling=False");
            await connection.OpenAsync(Cancelled);
            await using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA integrity_check";
            Assert.Equal("ok", await check.ExecuteScalarAsync(Cancelled));
            await using var ledger = LedgerFactory.Create("sqlite", connection.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
            await ledger.OpenAsync(Cancelled);
            var states = (await ledger.ReadStatusAsync(Cancelled)).SingleOrDefault(s => s.Pipeline == FaultBench.Things)?.States;
            Assert.InRange(states?.GetValueOrDefault(RecordState.Acknowledged) ?? 0, 0, effects);
            under += states is not null && states.Values.Sum() > states.GetValueOrDefault(RecordState.Acknowledged) ? 1 : 0;
        }

        Assert.InRange(under, 3, 12);
        SqliteConnection.ClearAllPools();
        var oldest = copies.First(c => c.Effects > 0).Folder;
        foreach (var file in (string[])["ledger.db", "ledger.db-wal", "ledger.db-shm"])
        {
            File.Delete(Path.Combine(bench.Folder, file));
            if (File.Exists(Path.Combine(oldest, file)))
            {
                File.Copy(Path.Combine(oldest, file), Path.Combine(bench.Folder, file));
            }
        }

        // What the portal got after the copy was taken is not in it: it refuses the second create, is asked, and has the same.
        await bench.RestartAsync();
        await Until.TrueAsync(async () => (await bench.SyncAsync()).Outcome == RunOutcome.Done, TimeSpan.FromSeconds(30), () => Task.FromResult("no run"));
        await bench.AssertArrivedAsync(source.Keys);
        Assert.Equal(1500, await bench.CountAsync(RecordState.Acknowledged));
    }

    private sealed class Failing : ISource
    {
        public Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken) => throw new DivideByZeroException();

        public Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult<RowPage?>(null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

using Integration.Pipelines;
using Integration.Tests.Ledger;
using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Rows L1 to L3: clocks that are set, files that run out, a log that cannot be written.</summary>
public sealed class TimeAndResourceFaults(PostgresCluster cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Trait("Fault", "L1")]
    [InlineData(1)]
    [InlineData(24)]
    public async Task A_clock_set_forward_and_back_again_and_again_while_records_are_delivered_loses_nothing_and_holds_nothing_up(int hours)
    {
        using var source = new SqliteRecords(300);
        var machine = new SetClock();
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, clock: new SteadyClock(machine));
        bench.Portal.Faults = new FaultPlan { Seed = 3, Faults = [new FaultRule { Mode = FaultModes.Slow, When = "after", DelayMs = 150 }, new FaultRule { Mode = FaultModes.CommitThenDrop, Rate = 0.3, Times = 2 }] };
        using var stop = new CancellationTokenSource();
        var setting = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                machine.Off = TimeSpan.FromHours(hours * ((i % 3) - 1));
                await Task.Delay(50, Cancelled);
            }
        }, Cancelled);

        await bench.SyncedAsync();
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(source.Keys);
        await stop.CancelAsync();
        await setting;
    }

    [Fact, Trait("Fault", "L1")]
    public async Task A_clock_that_is_set_hurries_or_slows_the_workers_own_and_never_makes_it_jump()
    {
        var machine = new SetClock();
        var steady = new SteadyClock(machine);
        var before = steady.GetUtcNow();
        machine.Off = TimeSpan.FromDays(1);
        Assert.InRange(steady.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        machine.Off = TimeSpan.FromDays(-1);
        var last = steady.GetUtcNow();
        for (var i = 0; i < 100; i++)
        {
            var now = steady.GetUtcNow();
            Assert.InRange(now - last, TimeSpan.Zero, TimeSpan.FromSeconds(5));
            last = now;
        }

        machine.Off = TimeSpan.FromMilliseconds(-20);
        await Until.TrueAsync(
            () => Task.FromResult((steady.GetUtcNow() - machine.GetUtcNow()).Duration() < TimeSpan.FromMilliseconds(1)), TimeSpan.FromSeconds(30),
            () => Task.FromResult($"{steady.GetUtcNow() - machine.GetUtcNow()}"));
    }

    [Theory, Trait("Fault", "L1")]
    [InlineData(-1)]
    [InlineData(24)]
    public async Task A_worker_whose_clock_is_off_keeps_its_leases_by_the_databases_clock(int hours)
    {
        var store = new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
        await using var work = await ProvinceAtWork.StartAsync(100, store.Connection, Cancelled);
        await store.AdvanceAsync(TimeSpan.FromHours(-hours));
        work.Portal.Faults = new FaultPlan { Seed = 7, Faults = [new FaultRule { Mode = FaultModes.Slow, When = "after", DelayMs = 50 }] };
        await work.SyncAllAsync();
        await work.DeliverAsync();
        await work.AssertAllAsExpectedAsync();
        Assert.DoesNotContain(work.Portal.Requests(), r => r.Service == "LayDVC");
    }

    [Fact, Trait("Fault", "L2")]
    public async Task With_too_few_files_to_open_the_program_says_so_and_starts_nothing()
    {
        using var source = new SqliteRecords(3);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.CloseAsync();
        await using (var starved = StrainedWorker.Start("ulimit -n 64; exec \"$@\"", bench.Settings, "run", "--stop-with-stdin"))
        {
            Assert.Equal(3, await starved.Ended.WaitAsync(TimeSpan.FromSeconds(60), Cancelled));
            Assert.Contains("tệp, cần ít nhất 512; chưa có gì được khởi động. Đặt LimitNOFILE", starved.Said, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", starved.Said, StringComparison.Ordinal);
        }

        await using var worker = StrainedWorker.Start("ulimit -n 512; exec \"$@\"", bench.Settings, "run", "--stop-with-stdin");
        await worker.UntilAsync(() => Task.FromResult(bench.Portal.Summary().Effects >= 3));
        Assert.Equal(0, await worker.StopAsync());
        await bench.RestartAsync();
        await bench.AssertArrivedAsync(source.Keys);
    }

    [Fact, Trait("Fault", "L3")]
    public async Task A_log_that_cannot_be_written_keeps_no_record_back()
    {
        using var source = new SqliteRecords(300);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.CloseAsync();
        await using var worker = StrainedWorker.Start("exec \"$@\" >/dev/full 2>/dev/full", bench.Settings, "run", "--stop-with-stdin");
        await worker.UntilAsync(() => Task.FromResult(bench.Portal.Summary().Effects >= 300));
        Assert.Equal(0, await worker.StopAsync());
        await bench.RestartAsync();
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(source.Keys);
    }

    private sealed class SetClock : TimeProvider
    {
        private long _off;

        public TimeSpan Off
        {
            get => TimeSpan.FromTicks(Interlocked.Read(ref _off));
            set => Interlocked.Exchange(ref _off, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Off;
    }
}

using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.Ledger;
using Integration.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Rows B5 to B9: the ledger's disk, its lock, its rights and its bytes.</summary>
public sealed class StoreFaults(PostgresCluster cluster)
{
    private const string Full = "Đĩa chứa sổ đồng bộ đã đầy";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact, Trait("Fault", "B5")]
    public async Task A_disk_that_fills_up_while_records_are_read_keeps_the_watermark_at_what_is_stored_and_the_next_run_brings_the_rest()
    {
        using var disk = SmallDisk.Mount(24 * 1024);
        using var source = new SqliteRecords(6000, 1000);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, ledger: disk.Folder);
        bench.RunLease = TimeSpan.FromSeconds(2);
        disk.Fill(but: 3 << 20);

        var full = await Assert.ThrowsAsync<LedgerUnavailableException>(() => bench.SyncAsync());

        Assert.StartsWith(Full, full.What.Vi, StringComparison.Ordinal);
        var stored = await bench.CountAsync(RecordState.Ready);
        Assert.InRange(stored, 500, 5000);
        var last = source.Keys[(int)stored - 1];
        Assert.Contains($"'{last}\"", await bench.Ledger.ReadWatermarkAsync(FaultBench.Things, Cancelled), StringComparison.Ordinal);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => SyncUntilDoneAsync(bench));

        disk.Free();
        await SyncUntilDoneAsync(bench);
        Assert.Equal(6000, await bench.CountAsync(RecordState.Ready));
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(source.Keys);
    }

    [Fact, Trait("Fault", "B5")]
    public async Task A_disk_that_is_full_when_receipts_come_in_keeps_them_until_there_is_room_and_asks_nobody_again()
    {
        using var disk = SmallDisk.Mount(16 * 1024);
        using var source = new SqliteRecords(300, 1000);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, ledger: disk.Folder, more: new() { ["Delivery:Lease"] = "00:01:00" });
        await bench.SyncedAsync();

        await using var lanes = await FillWhileReceiptsComeInAsync(bench, disk);
        await Until.TrueAsync(() => Task.FromResult(bench.Heard.Says(Full)), TimeSpan.FromSeconds(30), () => Task.FromResult(string.Join('\n', bench.Heard.Lines)));
        disk.Free();

        await bench.AssertArrivedAsync(source.Keys);
        Assert.DoesNotContain(bench.Portal.Requests(), r => r.Service == "LayDVC");
        Assert.Equal(300, bench.Portal.Summary().Effects);
    }

    [Fact, Trait("Fault", "B5")]
    public async Task A_disk_that_stays_full_beyond_the_lease_has_the_portal_asked_and_nothing_is_sent_twice()
    {
        using var disk = SmallDisk.Mount(16 * 1024);
        using var source = new SqliteRecords(60, 1000);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, ledger: disk.Folder, more: new() { ["Delivery:Lease"] = "00:00:01" });
        await bench.SyncedAsync();

        await using var lanes = await FillWhileReceiptsComeInAsync(bench, disk);
        await Until.TrueAsync(() => Task.FromResult(bench.Heard.Says(Full)), TimeSpan.FromSeconds(30), () => Task.FromResult(string.Join('\n', bench.Heard.Lines)));

        // Longer than the lease lasts.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancelled);
        disk.Free();

        await bench.AssertArrivedAsync(source.Keys);
        Assert.Equal(60, bench.Portal.Summary().Effects);
    }

    [Fact, Trait("Fault", "B5")]
    public async Task The_worker_waits_for_room_says_why_and_goes_on_by_itself()
    {
        using var disk = SmallDisk.Mount(16 * 1024);
        using var source = new SqliteRecords(3000, 1000);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, ledger: disk.Folder);
        await bench.CloseAsync();
        disk.Fill(but: 2 << 20);
        await using var worker = StrainedWorker.Start("exec \"$@\"", bench.Settings, "run", "--stop-with-stdin", "--lang", "vi");
        await worker.SaysAsync(Full);

        disk.Free();

        await worker.UntilAsync(() => Task.FromResult(bench.Portal.Summary().Effects >= 3000));
        Assert.Equal(0, await worker.StopAsync());
        Assert.DoesNotContain("Exception", worker.Said, StringComparison.Ordinal);
        await bench.RestartAsync();
        await bench.AssertArrivedAsync(source.Keys);
    }

    [Fact, Trait("Fault", "B6")]
    public async Task A_disk_that_cannot_be_synced_counts_as_not_written_and_the_step_is_repeated()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed: fsync cannot be made to fail here.");
        using var source = new SqliteRecords(300);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.CloseAsync();
        await using var worker = StrainedWorker.Start(
            "exec strace -f --seccomp-bpf -qqq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=EIO:when=3..4 \"$@\"",
            bench.Settings, "run", "--stop-with-stdin", "--lang", "vi");

        await worker.UntilAsync(() => Task.FromResult(bench.Portal.Summary().Effects >= 300));
        Assert.Contains("Đĩa chứa sổ đồng bộ báo lỗi", worker.Said, StringComparison.Ordinal);
        Assert.Equal(0, await worker.StopAsync());
        await bench.RestartAsync();
        await bench.AssertArrivedAsync(source.Keys);
    }

    [Fact, Trait("Fault", "B7")]
    public async Task A_ledger_locked_by_a_backup_beyond_the_busy_timeout_loses_no_receipt_and_asks_nobody_again()
    {
        using var source = new SqliteRecords(100);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, more: new() { ["Delivery:Lease"] = "00:01:00" });
        await bench.SyncedAsync();
        bench.Portal.Faults = SlowAfter();
        await using var lanes = bench.Start(FaultBench.Things);
        await Until.TrueAsync(() => Task.FromResult(bench.Portal.Summary().Effects > 0), TimeSpan.FromSeconds(30), () => Task.FromResult("no effect"));
        await using (var backup = new SqliteConnection($"Data Source={Path.Combine(bench.Folder, "ledger.db")};Pooling=False"))
        {
            await backup.OpenAsync(Cancelled);
            await using var held = backup.BeginTransaction(deferred: false);
            bench.Portal.Faults = new FaultPlan();
            await Until.TrueAsync(() => Task.FromResult(bench.Heard.Says("Sổ đồng bộ bận quá lâu")), TimeSpan.FromSeconds(30), () => Task.FromResult(string.Join('\n', bench.Heard.Lines)));
        }

        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(source.Keys);
        Assert.DoesNotContain(bench.Portal.Requests(), r => r.Service == "LayDVC");
    }

    [Fact, Trait("Fault", "B8")]
    public async Task A_ledger_on_a_read_only_disk_moves_no_watermark_and_is_told_by_its_name()
    {
        using var disk = SmallDisk.Mount(16 * 1024);
        using var source = new SqliteRecords(30);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, ledger: disk.Folder);
        await bench.SyncedAsync();
        await bench.AssertArrivedAsync(source.Keys);
        source.Execute("INSERT INTO record VALUES ('NEW', 'x', '2026-03-03 08:00:00')");
        await bench.CloseAsync();
        SqliteConnection.ClearAllPools();
        disk.MakeReadOnly();

        foreach (var arguments in (string[][])[["run"], ["sync", FaultBench.Things]])
        {
            await using var refused = StrainedWorker.Start("exec \"$@\"", bench.Settings, [.. arguments, "--lang", "vi"]);
            Assert.Equal(3, await refused.Ended.WaitAsync(TimeSpan.FromSeconds(60), Cancelled));
            Assert.Matches("Không (ghi được vào thư mục của|mở được) sổ đồng bộ|Sổ đồng bộ chỉ cho đọc", refused.Said);
        }

        disk.MakeWritable();
        await bench.RestartAsync();
        await bench.SyncedAsync();
        await bench.AssertArrivedAsync([.. source.Keys, "NEW"]);
    }

    [Fact, Trait("Fault", "B8")]
    public async Task An_account_that_lost_its_right_to_write_moves_no_watermark_and_is_told_so()
    {
        var database = await cluster.CreateDatabaseAsync(Cancelled);
        var store = new PostgresStore(database);
        await using (var ledger = store.Connect())
        {
            await ledger.OpenAsync(Cancelled);
        }

        var role = $"reader_{Guid.NewGuid():N}";
        await store.SqlAsync($"CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}");
        using var source = new SqliteRecords(30);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await using var reading = LedgerFactory.Create("postgres", new NpgsqlConnectionStringBuilder(database) { Username = role }.ToString(), TimeProvider.System, NullLoggerFactory.Instance);
        var run = new SyncRun(bench.Pipelines.Find(FaultBench.Things)!, reading, new WorkerIdentity("test", Language.Vietnamese), TimeSpan.FromMinutes(1), TimeProvider.System, bench.Heard.As<SyncRun>(), FaultBench.AnyDisk);

        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => run.RunAsync(new SyncRequest(RunKind.Request), Cancelled));

        Assert.StartsWith("Sổ đồng bộ chỉ cho đọc", refused.What.Vi, StringComparison.Ordinal);
        Assert.Null(await reading.ReadWatermarkAsync(FaultBench.Things, Cancelled));
    }

    [Fact, Trait("Fault", "B9")]
    public async Task One_bit_that_flipped_in_a_stored_payload_is_found_before_it_is_sent()
    {
        using var source = new SqliteRecords(3);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.SyncedAsync();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(bench.Folder, "ledger.db")};Pooling=False"))
        {
            await connection.OpenAsync(Cancelled);
            await using var read = connection.CreateCommand();
            read.CommandText = "SELECT bytes FROM payload";
            var bytes = (byte[])(await read.ExecuteScalarAsync(Cancelled))!;
            bytes[bytes.Length / 2] ^= 1;
            await using var write = connection.CreateCommand();
            write.CommandText = "UPDATE payload SET bytes = @bytes";
            write.Parameters.AddWithValue("@bytes", bytes);
            await write.ExecuteNonQueryAsync(Cancelled);
        }

        // The process that stored it has the bytes still, and would send those.
        await bench.RestartAsync();
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(["K000001", "K000003"]);
        var failure = Assert.Single(await bench.Ledger.ReadFailuresAsync(new FailureFilter(), 0, 10, Cancelled));
        Assert.Equal("K000002", failure.Key);
        var told = Rules.What(failure.Rejection);
        Assert.Contains("không khớp mã băm; không gửi", told.Vi, StringComparison.Ordinal);
    }

    private static FaultPlan SlowAfter() => new() { Faults = [new FaultRule { Mode = FaultModes.Slow, When = "after", DelayMs = 700 }] };

    // The portal has applied the first batches and takes its time to say so; meanwhile the disk fills up.
    private static async Task<FaultBench.Lanes> FillWhileReceiptsComeInAsync(FaultBench bench, SmallDisk disk)
    {
        bench.Portal.Faults = SlowAfter();
        var lanes = bench.Start(FaultBench.Things);
        await Until.TrueAsync(() => Task.FromResult(bench.Portal.Summary().Effects > 0), TimeSpan.FromSeconds(30), () => Task.FromResult("no effect"));
        disk.Fill();
        bench.Portal.Faults = new FaultPlan();
        return lanes;
    }

    private static async Task SyncUntilDoneAsync(FaultBench bench)
    {
        // The lease of the run that broke off ends by itself.
        SyncResult? result = null;
        await Until.TrueAsync(
            async () => (result = await bench.SyncAsync()).Outcome is not null, TimeSpan.FromSeconds(30), () => Task.FromResult(result?.Detail?.Vi ?? ""));
        Assert.Equal(RunOutcome.Done, result!.Outcome);
    }
}

using System.Text;
using Integration.Ledger;
using Integration.Records;
using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Rows D1 to D11: files that are half written, replaced, doubled, spoilt, endless, or that cannot be moved.</summary>
public sealed class FileSourceFaults : IDisposable
{
    private const string Source = "csv: { connection: Source, key: key, stable: 0s }";

    private readonly string _inbox = Directory.CreateTempSubdirectory("inbox-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_inbox, recursive: true);

    [Fact, Trait("Fault", "D1")]
    public async Task A_file_written_in_forty_pieces_is_read_once_and_whole()
    {
        await using var bench = await StartAsync("csv: { connection: Source, key: key, stable: 3s }");
        var rows = Enumerable.Range(1, 400).Select(i => $"K{i:000},Tên {i}\n").ToArray();
        await using (var writer = new FileStream(PathOf("a.csv"), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
        {
            await writer.WriteAsync("key,name\n"u8.ToArray(), Cancelled);
            for (var piece = 0; piece < 40; piece++)
            {
                // A piece ends in the middle of a line as well as at its end.
                var bytes = Encoding.UTF8.GetBytes(string.Concat(rows.Skip(piece * 10).Take(10)));
                await writer.WriteAsync(bytes.AsMemory(0, 13), Cancelled);
                await writer.FlushAsync(Cancelled);
                if (piece % 8 == 0)
                {
                    var early = await bench.SyncedAsync();
                    Assert.Equal(0, early.Counts.Extracted);
                    Assert.Contains(early.Notes, n => n.Vi.Contains("vừa được ghi", StringComparison.Ordinal));
                }

                await writer.WriteAsync(bytes.AsMemory(13), Cancelled);
                await writer.FlushAsync(Cancelled);
            }
        }

        await Until.TrueAsync(async () => (await bench.SyncedAsync()).Counts.Extracted == 400, TimeSpan.FromSeconds(60), () => Task.FromResult("not read"));
        Assert.Equal(0, (await bench.SyncedAsync()).Counts.Extracted);
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(Enumerable.Range(1, 400).Select(i => $"K{i:000}"));
    }

    [Fact, Trait("Fault", "D2")]
    public async Task A_file_whose_writer_died_half_way_is_refused_whole_and_the_next_one_is_read()
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\nK1,x\nK2,y");
        File.SetLastWriteTimeUtc(PathOf("a.csv"), DateTime.UnixEpoch);
        Drop("b.csv", "key,name\nK3,z\n");

        var told = await bench.SyncAsync();

        Assert.Contains("nghi tệp chưa ghi xong", told.Detail!.Vi, StringComparison.Ordinal);
        Assert.True(File.Exists(PathOf("refused/a.csv")));
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(["K3"]);
    }

    [Fact, Trait("Fault", "D2")]
    public async Task A_file_whose_marker_never_comes_is_not_read_and_told_after_an_hour()
    {
        await using var bench = await StartAsync("csv: { connection: Source, key: key, done: .done }");
        Drop("a.csv", "key,name\nK1,x\n");
        Assert.Empty((await bench.SyncedAsync()).Notes);
        File.SetLastWriteTimeUtc(PathOf("a.csv"), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-90));

        var note = Assert.Single((await bench.SyncedAsync()).Notes);

        Assert.Contains("chờ tệp đánh dấu a.csv.done đã 90 phút", note.Vi, StringComparison.Ordinal);
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync([]);
        Drop("a.csv.done", "");
        await bench.SyncedAsync();
        await bench.AssertArrivedAsync(["K1"]);
    }

    [Fact, Trait("Fault", "D4")]
    public async Task The_same_bytes_again_are_told_as_a_duplicate_and_bring_nothing()
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\nK1,x\n");
        await bench.SyncedAsync();
        Drop("b.csv", "key,name\nK1,x\n");

        var again = await bench.SyncedAsync();

        Assert.Equal(0, again.Counts.Extracted);
        Assert.Contains("Tệp trùng b.csv", Assert.Single(again.Notes).Vi, StringComparison.Ordinal);
        Drop("a.csv", "key,name\nK1,x\nK2,y\n");
        Assert.Equal(1, (await bench.SyncedAsync()).Counts.Added);
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync(["K1", "K2"]);
    }

    [Fact, Trait("Fault", "D6")]
    public async Task A_missing_folder_is_told_and_read_once_it_is_back()
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\nK1,x\n");
        Directory.Move(_inbox, $"{_inbox}-away");

        Assert.Contains("không có thư mục này", await bench.BrokenAsync(RunOutcome.BrokenOff), StringComparison.Ordinal);

        Directory.Move($"{_inbox}-away", _inbox);
        await bench.SyncedAsync();
        await bench.AssertArrivedAsync(["K1"]);
    }

    [Fact, Trait("Fault", "D6")]
    public async Task A_folder_the_account_may_not_read_is_told_and_the_worker_goes_on()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "Needs root and setpriv: the program is started without root's right to read everything.");
        await using var bench = await StartAsync();
        await bench.CloseAsync();
        Drop("a.csv", "key,name\nK1,x\n");
        SetMode(UnixFileMode.None);
        await using var worker = StrainedWorker.Start(
            "exec setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search \"$@\"", bench.Settings, "run", "--stop-with-stdin", "--lang", "vi");
        await worker.SaysAsync("không có quyền đọc");

        // Readable again, but nothing in it can be moved: what is read once must not be read for ever, nor keep the next file waiting.
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await worker.UntilAsync(() => Task.FromResult(bench.Portal.Effects().Any(e => e.Key == "K1")));
        await worker.SaysAsync("chưa chuyển được vào done/");
        Drop("b.csv", "key,name\nK2,x\n");
        await worker.UntilAsync(() => Task.FromResult(bench.Portal.Effects().Any(e => e.Key == "K2")));
        await worker.SaysAsync("chưa chuyển được vào duplicate/");

        Assert.Equal(0, await worker.StopAsync());
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await bench.RestartAsync();
        await bench.SyncedAsync();
        await bench.AssertArrivedAsync(["K1", "K2"]);
        Assert.Equal(["a.csv", "b.csv"], Directory.GetFiles(PathOf("duplicate")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [Fact, Trait("Fault", "D6")]
    public async Task A_done_folder_on_another_and_full_disk_keeps_the_file_and_takes_it_once_there_is_room()
    {
        using var disk = SmallDisk.Mount(512);
        Directory.CreateSymbolicLink(PathOf("done"), disk.Folder);
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"K{i:0000},x\n")));
        var bytes = await File.ReadAllBytesAsync(PathOf("a.csv"), Cancelled);
        disk.Fill();

        var told = await bench.SyncedAsync();

        Assert.Contains(told.Notes, n => n.Vi.Contains("chưa chuyển được vào done/", StringComparison.Ordinal));
        disk.Free();
        Assert.Empty(Directory.GetFiles(disk.Folder));
        Drop("b.csv", "key,name\nL1,x\n");
        await bench.SyncedAsync();
        Assert.Equal(["b.csv"], Directory.GetFiles(disk.Folder).Select(f => Path.GetFileName(f)));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(PathOf("duplicate/a.csv"), Cancelled));
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync([.. Enumerable.Range(0, 1000).Select(i => $"K{i:0000}"), "L1"]);
    }

    [Fact, Trait("Fault", "D7")]
    public async Task One_bad_line_in_a_hundred_thousand_is_told_with_its_number_and_the_others_flow()
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\n" + string.Concat(Enumerable.Range(1, 100_000).Select(i => i == 70_000 ? "K070000\n" : $"K{i:000000},x\n")));

        var result = await bench.SyncedAsync();

        Assert.Equal((100_000, 99_999, 1), (result.Counts.Extracted, result.Counts.Added, result.Counts.Rejected));
        var failure = Assert.Single(await bench.Ledger.ReadFailuresAsync(new FailureFilter(FaultBench.Things), 0, 10, Cancelled));
        Assert.Equal("a.csv#70001", failure.Key);
    }

    [Fact, Trait("Fault", "D8")]
    public async Task A_file_of_which_every_line_is_bad_is_one_message_and_kept()
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\n" + string.Concat(Enumerable.Range(1, 100_000).Select(i => $"K{i}\n")));
        var bytes = await File.ReadAllBytesAsync(PathOf("a.csv"), Cancelled);

        var told = await bench.BrokenAsync(RunOutcome.Stopped);

        Assert.Contains("100000 trong 100000 dòng không đọc được; dòng hỏng đầu tiên: 2", told, StringComparison.Ordinal);
        Assert.Equal(0, await bench.CountAsync(RecordState.Quarantined));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(PathOf("refused/a.csv"), Cancelled));
        Assert.InRange(bench.Heard.Lines.Count(l => l.Contains("a.csv", StringComparison.Ordinal)), 1, 2);
    }

    [Fact, Trait("Fault", "D8")]
    public async Task A_file_of_which_every_record_is_refused_is_one_line_in_the_log_and_one_group_of_failures()
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\n" + string.Concat(Enumerable.Range(1, 20_000).Select(i => $"K{i},\n")));

        Assert.Equal(20_000, (await bench.SyncedAsync()).Counts.Rejected);

        Assert.Single(bench.Heard.Lines, l => l.StartsWith("things:", StringComparison.Ordinal));
        Assert.Equal(20_000, Assert.Single(await bench.Ledger.ReadFailureGroupsAsync(new FailureFilter(FaultBench.Things), Cancelled)).Count);
        await bench.OthersFlowAsync();
        await bench.AssertArrivedAsync([]);
    }

    [Fact, Trait("Fault", "D9")]
    public async Task A_quote_that_is_never_closed_refuses_the_file_with_its_line()
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\nK1,\"x\n" + string.Concat(Enumerable.Range(2, 10_000).Select(i => $"K{i},x\n")));
        Assert.Contains("Dấu nháy mở từ dòng 2 không bao giờ đóng", await bench.BrokenAsync(RunOutcome.Stopped), StringComparison.Ordinal);
        await bench.AssertArrivedAsync([]);
    }

    [Theory, Trait("Fault", "D9")]
    [InlineData(100)]
    [InlineData(60_000)]
    public async Task A_key_that_stands_twice_is_found_in_a_file_of_any_length(int rows)
    {
        await using var bench = await StartAsync();
        Drop("a.csv", "key,name\n" + string.Concat(Enumerable.Range(1, rows).Select(i => $"K{i},x\n")) + $"K7,other\nK{rows},other\n");

        var result = await bench.SyncedAsync();

        Assert.Equal((rows, 2), (result.Counts.Added, result.Counts.Rejected));
        var failures = await bench.Ledger.ReadFailuresAsync(new FailureFilter(FaultBench.Things, Rule: Rules.DuplicateKey.Code), 0, 10, Cancelled);
        Assert.Equal([$"a.csv#{rows + 3}", $"a.csv#{rows + 2}"], failures.Select(f => f.Key));
        Assert.Contains($"dòng 8 và {rows + 2}", failures[1].Rejection.Detail, StringComparison.Ordinal);
    }

    [Fact, Trait("Fault", "D10")]
    public async Task An_archive_dropped_as_a_table_is_refused_and_nothing_is_unpacked()
    {
        await using var bench = await StartAsync();
        using (var archive = System.IO.Compression.ZipFile.Open(PathOf("a.csv"), System.IO.Compression.ZipArchiveMode.Create))
        {
            await using var entry = await archive.CreateEntry("../../escaped.csv").OpenAsync(Cancelled);
            await entry.WriteAsync(new byte[10_000_000], Cancelled);
        }

        Assert.Contains("Từ chối tệp a.csv", await bench.BrokenAsync(RunOutcome.Stopped), StringComparison.Ordinal);
        Assert.Equal(["a.csv", "a.csv.reason.txt"], Directory.GetFiles(PathOf("refused")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(_inbox));
    }

    [Fact(Skip = "There is no source that unpacks archives yet; a zip is refused as what it is, a file that is no table."), Trait("Fault", "D10")]
    public void An_archive_is_judged_by_ratio_total_and_count_before_it_is_unpacked()
    {
    }

    private Task<FaultBench> StartAsync(string source = Source) => FaultBench.StartAsync(source, new(StringComparer.Ordinal) { ["Folder"] = _inbox });

    private void Drop(string name, string text) => File.WriteAllText(PathOf(name), text);

    private string PathOf(string name) => Path.Combine(_inbox, name);

    private void SetMode(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_inbox, mode);
        }
    }
}

using System.Text;
using Integration.Extract;
using Integration.Extract.Csv;
using Integration.Records;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Integration.Tests.Extract.Csv;

public sealed class CsvSourceTests : SourceContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("inbox-").FullName;
    private int _files;

    static CsvSourceTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected override Task PutAsync(IEnumerable<(string Key, string? Name)> records)
    {
        var text = new StringBuilder("key,name\n");
        foreach (var (key, name) in records)
        {
            text.Append(key).Append(',').Append(name is null ? "" : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"").Append('\n');
        }

        Drop($"f{_files++}.csv", text.ToString());
        return Task.CompletedTask;
    }

    private protected override ISource Build() => Build(_ => { });

    // ---- whole files and half ones ----

    [Fact, Trait("Fault", "D1")]
    public async Task A_file_that_was_just_written_is_left_alone_until_it_stood_still()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-02T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        Drop("a.csv", "key,name\nK1,x\n", clock.GetUtcNow().UtcDateTime);
        await using var source = Build(o => o.Stable = TimeSpan.FromSeconds(30), clock);

        Assert.Empty((await source.ReadAllAsync(null, 10, Token)).Rows);
        clock.Advance(TimeSpan.FromSeconds(29));
        File.AppendAllText(Path.Combine(_folder, "a.csv"), "K2,y\n");
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "a.csv"), clock.GetUtcNow().UtcDateTime);
        Assert.Empty((await source.ReadAllAsync(null, 10, Token)).Rows);
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(["K1", "K2"], (await source.ReadAllAsync(null, 10, Token)).Rows.Select(r => r["key"]));
        Assert.True(File.Exists(Path.Combine(_folder, "done", "a.csv")));
    }

    [Fact, Trait("Fault", "D11")]
    public async Task A_file_stamped_by_a_clock_ahead_is_taken_once_it_was_seen_to_stand_still()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-02T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        Drop("a.csv", "key,name\nK1,x\n", clock.GetUtcNow().UtcDateTime.AddDays(1));
        await using var source = Build(o => o.Stable = TimeSpan.FromSeconds(30), clock);

        Assert.Empty((await source.ReadAllAsync(null, 10, Token)).Rows);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows);
    }

    [Fact]
    public async Task With_markers_a_file_is_read_when_its_marker_is_there_and_both_are_moved()
    {
        await using var source = Build(o => o.Done = ".done");
        Drop("a.csv", "key,name\nK1,no line break at the end");
        Assert.Empty((await source.ReadAllAsync(null, 10, Token)).Rows);
        Drop("a.csv.done", "");

        Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows);
        Assert.Equal(["a.csv", "a.csv.done"], Names("done"));
    }

    [Fact]
    public async Task A_last_line_without_its_line_break_is_a_half_file_and_refused()
    {
        await RefusedAsync("key,name\nK1,x\nK2,y", "xuống dòng");
    }

    // ---- what becomes of files ----

    [Fact]
    public async Task One_file_a_reading_the_oldest_first()
    {
        Drop("b.csv", "key,name\nK1,x\n", DateTime.UnixEpoch.AddDays(1));
        Drop("a.csv", "key,name\nK2,x\n", DateTime.UnixEpoch.AddDays(2));
        await using var source = Build();

        Assert.Equal("K1", Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows)["key"]);
        Assert.Equal("K2", Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows)["key"]);
        Assert.Null((await source.ReadAllAsync(null, 10, Token)).File);
    }

    [Fact]
    public async Task The_same_bytes_again_are_a_duplicate_and_other_bytes_under_the_same_name_are_not()
    {
        var taken = new HashSet<string>();
        await using var source = Build();
        Drop("a.csv", "key,name\nK1,x\n");
        Assert.Single((await source.ReadAllAsync(null, 10, Token, taken)).Rows);
        Drop("a.csv", "key,name\nK1,x\n");

        var second = await source.ReadAllAsync(null, 10, Token, taken);
        Assert.Empty(second.Rows);
        Assert.Null(second.File);
        Assert.Contains("trùng", Assert.Single(second.Notes).Vi, StringComparison.Ordinal);
        Assert.Equal(["a.csv"], Names("duplicate"));

        Drop("a.csv", "key,name\nK1,y\n");
        Assert.Single((await source.ReadAllAsync(null, 10, Token, taken)).Rows);
        Assert.Equal(["a.csv", "a~2.csv"], Names("done"));
    }

    [Fact]
    public async Task A_duplicate_does_not_keep_the_next_file_waiting()
    {
        var taken = new HashSet<string>();
        await using var source = Build();
        Drop("a.csv", "key,name\nK1,x\n");
        await source.ReadAllAsync(null, 10, Token, taken);
        Drop("a.csv", "key,name\nK1,x\n", DateTime.UnixEpoch);
        Drop("b.csv", "key,name\nK2,x\n", DateTime.UnixEpoch.AddDays(1));

        Assert.Equal("K2", Assert.Single((await source.ReadAllAsync(null, 10, Token, taken)).Rows)["key"]);
    }

    [Fact, Trait("Fault", "D5")]
    public async Task A_kill_between_the_commit_and_the_move_brings_no_row_twice()
    {
        var taken = new HashSet<string>();
        Drop("a.csv", "key,name\nK1,x\n");
        await using (var source = Build())
        {
            await using var reading = await source.BeginAsync(Sourcing.Request(null, 10, taken), Token);
            while (await reading.ReadAsync(Token) is not null)
            {
            }

            taken.Add(reading.FinishedFile!.Sha256);
        }

        await using var again = Build();
        Assert.Empty((await again.ReadAllAsync(null, 10, Token, taken)).Rows);
        Assert.Empty(Names("."));
    }

    [Fact, Trait("Fault", "D3")]
    public async Task A_file_that_took_the_name_while_the_old_one_was_read_is_not_moved_but_read_next()
    {
        await using var source = Build();
        Drop("a.csv", "key,name\nK1,x\n");
        await using (var reading = await source.BeginAsync(Sourcing.Request(null, 1), Token))
        {
            Drop("new.tmp", "key,name\nK2,longer\n");
            File.Move(Path.Combine(_folder, "new.tmp"), Path.Combine(_folder, "a.csv"), overwrite: true);
            Assert.Equal("K1", Sourcing.Keys((await reading.ReadAsync(Token))!).Single());
            Assert.Null(await reading.ReadAsync(Token));
            await reading.CommittedAsync(Token);
        }

        Assert.Equal("K2", Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows)["key"]);
    }

    [Fact, Trait("Fault", "D3")]
    public async Task A_file_overwritten_in_place_while_it_is_read_gives_out_no_row_of_the_new_content()
    {
        var rows = Enumerable.Range(0, 200_000).Select(i => $"K{i:000000},old\n").ToArray();
        Drop("a.csv", "key,name\n" + string.Concat(rows));
        await using var source = Build();
        await using var reading = await source.BeginAsync(Sourcing.Request(null, 1000), Token);
        var page = (await reading.ReadAsync(Token))!;
        using (var writer = new FileStream(Path.Combine(_folder, "a.csv"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            writer.Write(Encoding.UTF8.GetBytes("key,name\n" + string.Concat(rows.Select(r => r.Replace("old", "new", StringComparison.Ordinal)))));
        }

        var seen = new HashSet<string?>();
        await Assert.ThrowsAsync<SourceUnavailableException>(async () =>
        {
            for (RowPage? next = page; next is not null; next = await reading.ReadAsync(Token))
            {
                seen.UnionWith(Enumerable.Range(0, next.Count).Select(i => Sourcing.Show(next, next[i, 1])));
            }
        });
        Assert.Equal(["old"], seen);
        Assert.Null(reading.FinishedFile);
    }

    [Fact]
    public async Task A_snapshot_is_complete_only_when_there_is_a_file()
    {
        await using var source = Build(o => o.Mode = CsvMode.Snapshot);
        Assert.False((await source.ReadAllAsync(null, 10, Token)).IsComplete);
        Drop("a.csv", "key,name\nK1,x\n");
        Assert.True((await source.ReadAllAsync(null, 10, Token)).IsComplete);
    }

    [Fact, Trait("Fault", "D10")]
    public async Task Links_and_files_of_other_names_are_not_read()
    {
        var outside = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(outside, "key,name\nK1,secret\n");
        File.CreateSymbolicLink(Path.Combine(_folder, "link.csv"), outside);
        Drop("notes.txt", "key,name\nK1,x\n");
        Drop(".hidden.csv", "key,name\nK1,x\n");
        await using var source = Build();

        var read = await source.ReadAllAsync(null, 10, Token);

        Assert.Empty(read.Rows);
        Assert.Contains("link.csv", Assert.Single(read.Notes).En, StringComparison.Ordinal);
        Assert.True(File.Exists(outside));
        File.Delete(outside);
    }

    [Fact]
    public async Task A_pipe_is_put_aside_and_never_opened()
    {
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "pipe.csv")]))
        {
            await mkfifo.WaitForExitAsync(Token);
        }

        await using var source = Build();
        Assert.True((await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token))).IsSetAside);
        Assert.Equal(["pipe.csv", "pipe.csv.reason.txt"], Names("refused"));
    }

    [Theory]
    [InlineData("../other")]
    [InlineData("/etc")]
    public void A_folder_outside_the_connections_is_refused(string folder)
    {
        Assert.Throws<SourceBrokenException>(() => Build(o => o.Folder = folder));
    }

    [Fact]
    public async Task A_missing_folder_is_a_source_that_cannot_be_reached_now()
    {
        await using var source = Build(o => o.Folder = "not-mounted");
        await Assert.ThrowsAsync<SourceUnavailableException>(() => source.ReadAllAsync(null, 10, Token));
    }

    // ---- whole files refused ----

    [Theory]
    [InlineData("key,name\nK1,\"x\nK2,y\nK3,z\n", "không bao giờ đóng")]
    [InlineData("key;name\nK1;x\n", "dấu ngăn cách")]
    [InlineData("key,key\nK1,x\n", "trùng tên")]
    [InlineData("ma,name\nK1,x\n", "thiếu cột: key")]
    [InlineData("key,\nK1,x\n", "không có tên")]
    [InlineData("", "rỗng")]
    [InlineData("key,name\nK1,NguyÔn V¨n H¶i\nK2,TrÇn ThÞ H­¬ng Giang ®µo t¹o c¸n bé phô tr¸ch\n", "TCVN3")]
    public Task A_file_that_cannot_be_trusted_is_refused_as_a_whole(string text, string why) => RefusedAsync(text, why);

    [Fact]
    public async Task Bytes_of_another_encoding_are_refused_with_their_place()
    {
        Drop("a.csv", [.. "key,name\nK1,"u8, 0xC3, 0x28, .. "\n"u8]);
        await RefusedAsync("thứ 12");
    }

    [Fact]
    public async Task A_file_with_the_mark_of_utf16_is_refused_unless_declared()
    {
        byte[] bytes = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("key,name\nK1,Hòa\n")];
        Drop("a.csv", bytes);
        await RefusedAsync("UTF-16");

        Drop("b.csv", bytes);
        await using var source = Build(o => o.Encoding = "utf-16");
        Assert.Equal("Hòa", Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows)["name"]);
    }

    [Fact]
    public async Task A_refused_file_lies_apart_with_its_reason_and_the_next_one_is_read()
    {
        Drop("a.csv", "key,name\nK1,x\nK2", DateTime.UnixEpoch);
        Drop("b.csv", "key,name\nK3,x\n");
        await using var source = Build();

        var refused = await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token));
        Assert.True(refused.IsSetAside);
        Assert.Equal(["a.csv", "a.csv.reason.txt"], Names("refused"));
        Assert.Equal("K3", Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows)["key"]);
    }

    [Fact]
    public async Task A_cell_without_end_is_refused_without_being_held_in_memory()
    {
        Drop("a.csv", "key,name\nK1,\"" + new string('x', 20_000_000) + "\n");
        await RefusedAsync("dài hơn");
    }

    [Fact]
    public async Task Mostly_bad_rows_are_one_refusal_and_not_a_hundred()
    {
        await RefusedAsync("key,name\n" + string.Concat(Enumerable.Range(0, 100).Select(i => i % 3 == 0 ? $"K{i},x\n" : $"K{i}\n")), "không đọc được");
    }

    [Theory]
    [InlineData("K1,x\nK2,y\nTổng: 2\n", null)]
    [InlineData("K1,x\nK2,y\nTổng: 3\n", "Dòng tổng")]
    [InlineData("K1,x\nK2,y\n", "Thiếu dòng tổng")]
    public async Task A_closing_line_must_give_the_number_of_records(string rows, string? why)
    {
        Drop("a.csv", "key,name\n" + rows);
        await using var source = Build(o => o.Trailer = "Tổng:");
        if (why is null)
        {
            Assert.Equal(2, (await source.ReadAllAsync(null, 10, Token)).Rows.Count);
        }
        else
        {
            Assert.Contains(why, (await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token))).What.Vi, StringComparison.Ordinal);
        }
    }

    // ---- rows refused, others read ----

    [Theory]
    [InlineData("K2\n", "ragged-row", "1 cells, 2 columns")]
    [InlineData("K2,y,z\n", "ragged-row", "3 cells, 2 columns")]
    [InlineData("K2,a\"b\n", "bad-quote", "quote")]
    [InlineData("K2,\"a\"b\n", "bad-quote", "quote")]
    [InlineData("K2,a\0b\n", "control-character", "NUL")]
    [InlineData("K2,0123456789012345678901234567890\n", "too-long", "31 > 30")]
    [InlineData(" ,y\n", "key-missing", null)]
    [InlineData("K1,y\n", "duplicate-key", "lines 2 and 4")]
    public async Task A_bad_row_is_told_with_its_line_and_the_others_are_read(string bad, string rule, string? detail)
    {
        Drop("a.csv", $"key,name\nK1,\"x\ny\"\n{bad}K3,z\n");
        await using var source = Build(o => o.MaxFieldChars = 30);

        var read = await source.ReadAllAsync(null, 10, Token);

        Assert.Equal(["K1", "K3"], read.Rows.Select(r => r["key"]));
        var fault = Assert.Single(read.Faults);
        Assert.Equal((rule, "a.csv#4", new RowOrigin("a.csv", 4)), (fault.Rule, fault.Key, fault.Origin));
        Assert.Contains(detail ?? "", fault.Detail ?? "", StringComparison.Ordinal);
        Assert.Equal(bad.TrimEnd('\n'), fault.Raw);
        Assert.Equal(3, read.File!.Rows);
    }

    // ---- files that are right ----

    [Theory]
    [InlineData("\uFEFFkey,name\nK1,Hòa\n")]
    [InlineData("name,key\nHòa,K1\n")]
    [InlineData("key,name\r\nK1,Hòa\r\n")]
    [InlineData("key,name\rK1,Hòa\r")]
    [InlineData("key,name\n\nK1,Hòa\r\n\n")]
    public async Task Marks_order_and_line_breaks_do_not_matter(string text)
    {
        Drop("a.csv", Encoding.UTF8.GetBytes(text));
        await using var source = Build();

        var row = Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows);

        Assert.Equal(("K1", "Hòa"), (row["key"], row["name"]));
    }

    [Fact]
    public async Task Windows_1258_is_read_when_declared()
    {
        var encoding = Encoding.GetEncoding(1258);
        Drop("a.csv", encoding.GetBytes("key,name\nK1,Nguyê\u0303n Va\u0306n\n".Replace("a\u0306", "ă", StringComparison.Ordinal)));
        await using var source = Build(o => o.Encoding = "windows-1258");

        Assert.Equal("Nguyễn Văn", Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows)["name"]!.Normalize());
    }

    [Fact]
    public async Task A_header_alone_is_a_file_of_no_records_and_unknown_columns_are_told()
    {
        Drop("a.csv", "key,name,extra\n");
        await using var source = Build(o => o.Columns = ["name"]);

        var read = await source.ReadAllAsync(null, 10, Token);

        Assert.Equal(0, read.File!.Rows);
        Assert.Contains(read.Notes, n => n.En.Contains("extra", StringComparison.Ordinal));
        Assert.Equal(["a.csv"], Names("done"));
    }

    [Fact]
    public async Task A_file_of_many_blocks_is_read_to_its_last_row()
    {
        Drop("a.csv", "key,name\n" + string.Concat(Enumerable.Range(0, 150_000).Select(i => $"K{i:000000},Nguyễn Văn Đường số {i}\n")));
        await using var source = Build();

        var read = await source.ReadAllAsync(null, 1000, Token);

        Assert.Equal(150_000, read.Rows.Select(r => r["key"]).Distinct().Count());
        Assert.Equal("Nguyễn Văn Đường số 149999", read.Rows[^1]["name"]);
    }

    private CsvSource Build(Action<CsvSourceOptions> set, TimeProvider? clock = null)
    {
        var options = new CsvSourceOptions { Connection = "Source", Key = ["key"], Stable = TimeSpan.Zero };
        set(options);
        return new CsvSource(options, Sourcing.Context(_folder, new() { ["Folder"] = _folder }, clock));
    }

    private async Task RefusedAsync(string text, string why)
    {
        Drop("a.csv", text);
        await RefusedAsync(why);
    }

    private async Task RefusedAsync(string why)
    {
        await using var source = Build();
        var refused = await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token));
        Assert.Contains(why, refused.What.Vi, StringComparison.Ordinal);
        Assert.Contains(why, await File.ReadAllTextAsync(Path.Combine(_folder, "refused", "a.csv.reason.txt"), Token), StringComparison.Ordinal);
        Assert.Empty(Names("."));
    }

    private void Drop(string name, string text, DateTime? changed = null)
    {
        Drop(name, Encoding.UTF8.GetBytes(text));
        if (changed is { } at)
        {
            File.SetLastWriteTimeUtc(Path.Combine(_folder, name), at);
        }
    }

    private void Drop(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_folder, name), bytes);

    private string[] Names(string below) =>
        [.. Directory.GetFiles(Path.Combine(_folder, below)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
}

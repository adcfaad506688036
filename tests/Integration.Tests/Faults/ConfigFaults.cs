using Integration.Records;
using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Rows J1, J2 and J5: what is wrong with the configuration or the machine is told at the start, all of it at once, and nothing is sent.</summary>
public sealed class ConfigFaults
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Trait("Fault", "J1")]
    [InlineData("TENDVC: name\n", "TENDVC: [name", "things/pipeline.yaml:")]
    [InlineData("schedule:", "schedul:", "schedule")]
    [InlineData("MADVC: key\n", "MADVC: key\n  MADVC: name\n", "MADVC")]
    [InlineData("connection: Portal\n", "connection: Protal\n", "Portal")]
    public async Task A_definition_cut_short_misspelt_or_doubled_stops_the_start_with_its_place(string find, string replace, string told)
    {
        using var source = new SqliteRecords(3);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.CloseAsync();
        var file = Path.Combine(bench.Folder, "mappings", FaultBench.Things, "pipeline.yaml");
        var text = await File.ReadAllTextAsync(file, Cancelled);
        Assert.Contains(find, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(find, replace, StringComparison.Ordinal), Cancelled);

        await RefusedAsync("exec \"$@\"", bench.Settings, 2, told, "chưa có gì được khởi động");
        Assert.Equal(0, bench.Portal.Summary().Requests);
    }

    [Theory, Trait("Fault", "J1")]
    [InlineData("Connections:Portal:Password", null, "Password")]
    [InlineData("Connections:Portal:Passwort", "x", "Passwort")]
    [InlineData("Ledger:PasswordFile", "/nowhere/password", "Ledger:PasswordFile: không có tệp này")]
    [InlineData("Delivery:Lease", "soon", "Delivery:Lease phải là khoảng thời gian")]
    public async Task A_missing_secret_an_unknown_or_a_wrong_setting_stops_the_start_with_its_name(string name, string? value, string told)
    {
        using var source = new SqliteRecords(3);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.CloseAsync();
        await RefusedAsync("exec \"$@\"", bench.Settings.Where(s => s.Key != name).Append(new(name, value)).Where(s => s.Value is not null), 2, told);
        Assert.Equal(0, bench.Portal.Summary().Requests);
    }

    [Fact, Trait("Fault", "J2")]
    public async Task A_map_changed_while_records_are_of_unknown_outcome_sends_them_as_they_were_stored_and_new_ones_as_the_new_map_says()
    {
        using var source = new SqliteRecords(40);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.SyncedAsync();
        bench.Portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = FaultModes.Drop }] };
        await using (bench.Start(FaultBench.Things))
        {
            await Until.TrueAsync(async () => await bench.CountAsync(RecordState.Unknown) > 0, TimeSpan.FromSeconds(30), () => Task.FromResult("nothing unknown"));
        }

        var file = Path.Combine(bench.Folder, "mappings", FaultBench.Things, "pipeline.yaml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancelled)).Replace("1.900001", "1.900002", StringComparison.Ordinal), Cancelled);
        var sample = Path.Combine(bench.Folder, "mappings", FaultBench.Things, "samples", "plain.json");
        await File.WriteAllTextAsync(sample, (await File.ReadAllTextAsync(sample, Cancelled)).Replace("1.900001", "1.900002", StringComparison.Ordinal), Cancelled);
        source.Execute("INSERT INTO record VALUES ('NEW', 'x', '2026-03-03 08:00:00')");
        bench.Portal.Faults = new FaultPlan();
        await bench.CloseAsync();
        await using (var worker = StrainedWorker.Start("exec \"$@\"", bench.Settings, "run", "--stop-with-stdin"))
        {
            await worker.UntilAsync(() => Task.FromResult(bench.Portal.Effects().Count() >= 41));
            Assert.Equal(0, await worker.StopAsync());
        }

        await bench.RestartAsync();
        await bench.AssertArrivedAsync([.. source.Keys, "NEW"]);

        // What was in the ledger arrives as it was stored. The row at the watermark is read again: its new version follows, or goes at once when it is
        // there before the portal was asked about the old one, which it does not have.
        var last = source.Keys.Max();
        var effects = bench.Portal.Effects().GroupBy(e => e.Key).ToLookup(g => g.Key == last);
        Assert.All(effects[false], g => Assert.Contains(g.Key == "NEW" ? "1.900002" : "1.900001", Assert.Single(g).Raw, StringComparison.Ordinal));
        Assert.Contains("1.900002", Assert.Single(effects[true]).Last().Raw, StringComparison.Ordinal);
    }

    [Theory, Trait("Fault", "J5")]
    [InlineData("TZDIR=/nowhere exec \"$@\"", "máy thiếu dữ liệu múi giờ; cài gói tzdata")]
    [InlineData("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 exec \"$@\"", "Máy thiếu thư viện ICU")]
    public async Task A_machine_without_time_zones_or_ICU_is_told_what_to_install(string shell, string told)
    {
        using var source = new SqliteRecords(3);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.CloseAsync();
        await RefusedAsync(shell, bench.Settings, 2, told);
        Assert.Equal(0, bench.Portal.Summary().Requests);
    }

    [Fact, Trait("Fault", "J5")]
    public async Task A_read_only_root_is_enough_when_the_ledger_has_a_disk_of_its_own_and_told_when_it_has_not()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/unshare"), "Needs root and unshare: the root is made read-only for one process.");
        using var disk = SmallDisk.Mount(16 * 1024);
        using var source = new SqliteRecords(30);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection, ledger: disk.Folder);
        await bench.CloseAsync();
        const string Shell = "exec unshare -m sh -c 'mount -o remount,bind,ro / / && exec \"$@\"' sh \"$@\"";
        await RefusedAsync(
            Shell, bench.Settings.Append(new("Ledger:ConnectionString", $"Data Source={Path.Combine(bench.Folder, "elsewhere.db")}")), 3,
            "Không ghi được vào thư mục của sổ đồng bộ", "kiểm tra ổ đĩa có bị gắn chỉ đọc");

        await using (var worker = StrainedWorker.Start(Shell, bench.Settings, "run", "--stop-with-stdin"))
        {
            await worker.UntilAsync(() => Task.FromResult(bench.Portal.Summary().Effects >= 30));
            Assert.Equal(0, await worker.StopAsync());
        }

        await bench.RestartAsync();
        await bench.AssertArrivedAsync(source.Keys);
    }

    private static async Task RefusedAsync(string shell, IEnumerable<KeyValuePair<string, string?>> settings, int exit, params string[] told)
    {
        await using var refused = StrainedWorker.Start(shell, settings, "run", "--lang", "vi");
        var ended = await refused.Ended.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        Assert.True(ended == exit, $"Ended with {ended}: {refused.Said}");
        Assert.All(told, t => Assert.Contains(t, refused.Said, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", refused.Said, StringComparison.Ordinal);
    }
}

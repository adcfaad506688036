using Demo;
using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>A ledger that an earlier program left in the middle of its work (<c>Schema001/*.sql</c>), and this program takes over.</summary>
public abstract class UpgradeContract : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private LedgerStore _store = null!;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected abstract Task<LedgerStore> CreateStoreAsync();

    /// <summary>Version of the schema that this program makes.</summary>
    protected abstract int Newest { get; }

    /// <summary>What the program is told to open this store.</summary>
    protected abstract (string Provider, string Connection) Told(LedgerStore store);

    /// <summary>Everything the store's catalogue says, as one text.</summary>
    protected abstract string Catalogue { get; }

    public async ValueTask InitializeAsync()
    {
        _store = await CreateStoreAsync();
        using var reader = new StreamReader(typeof(UpgradeContract).Assembly.GetManifestResourceStream($"Ledger/Schema001/{Told(_store).Provider}.sql")!);
        await _store.SqlAsync(await reader.ReadToEndAsync(Cancelled));

        // The worker that wrote it is long gone.
        await _store.AdvanceAsync(TimeSpan.FromHours(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_ledger_with_work_in_every_state_is_stepped_up_and_delivered_with_nothing_lost_or_doubled()
    {
        var before = await _store.NumberAsync("SELECT count(*) FROM version");
        Assert.Equal(7, await _store.NumberAsync("SELECT count(DISTINCT state) FROM version"));
        await using var ledger = _store.Connect();
        await ledger.OpenAsync(Cancelled);
        Assert.Equal(Newest, await _store.NumberAsync("SELECT max(version) FROM schema_version"));
        Assert.Equal("", await _store.MiscountedAsync());

        // What the dead worker held is asked for; the receiver knows of none of it.
        Assert.Equal(1, (await ledger.UpkeepAsync(Cancelled)).LeasesExpired);
        var asked = await TakeAsync(ledger, ClaimKind.Unknown, Next.RetryAsCreate);
        Assert.Equal(["leased", "unknown"], asked.Order(StringComparer.Ordinal));
        var sent = await TakeAsync(ledger, ClaimKind.Ready, Next.Acknowledge);
        Assert.Equal(sent.Count, sent.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["acked-changed", "leased", "ready", "retry", "s2", "s3", "unknown", "withdrawn"], sent.Order(StringComparer.Ordinal));

        Assert.Equal(before, await _store.NumberAsync("SELECT count(*) FROM version"));
        Assert.Equal("", await _store.MiscountedAsync());
        foreach (var (key, payload) in ((string, string)[])[("acked", "a1"), ("acked-changed", "b2"), ("ready", "r2"), ("leased", "l2"), ("unknown", "u2"), ("retry", "t1")])
        {
            Assert.Equal(payload, System.Text.Encoding.UTF8.GetString((await ledger.ReadAcknowledgedPayloadAsync("dossiers", key, Cancelled))!));
        }

        // What waits for a person still does, with its reason.
        Assert.Equal(["mapped-wrong", "person", "refused"], (await ledger.ReadFailuresAsync(new FailureFilter(), 0, 10, Cancelled)).Select(f => f.Key).Order(StringComparer.Ordinal));
        Assert.Equal(RecordState.Waiting, Assert.Single(await ledger.ReadHistoryAsync("steps", "s4", Cancelled)).State);
    }

    [Fact]
    public async Task Workers_that_start_at_once_step_it_up_once()
    {
        var ledgers = Enumerable.Range(0, 4).Select(_ => _store.Connect()).ToArray();
        await Task.WhenAll(ledgers.Select(l => Task.Run(() => l.OpenAsync(Cancelled))));
        Assert.Equal(Newest, await _store.NumberAsync("SELECT count(*) FROM schema_version"));
        Assert.Equal("", await _store.MiscountedAsync());
        foreach (var ledger in ledgers)
        {
            await ledger.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("P17", 1)]
    [InlineData("P04", 1)]
    [InlineData("P05", 2)]
    public async Task A_program_killed_while_it_steps_the_schema_up_is_followed_by_one_that_ends_what_it_began(string point, int leaves)
    {
        var (code, _) = await StatusAsync(("CRASH_AT", $"{point}:1"));
        Assert.Equal(137, code);
        Assert.Equal(leaves, await SettledVersionAsync());

        (code, var said) = await StatusAsync();
        Assert.True(code == 0, said);
        Assert.Equal(Newest, await _store.NumberAsync("SELECT max(version) FROM schema_version"));
        Assert.Equal("", await _store.MiscountedAsync());
        Assert.Equal(19, await _store.NumberAsync("SELECT count(*) FROM version"));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_program_is_refused_by_every_command_and_left_as_it_is()
    {
        await using (var ledger = _store.Connect())
        {
            await ledger.OpenAsync(Cancelled);
        }

        await _store.SqlAsync("INSERT INTO schema_version (version) VALUES (99)");
        var before = await _store.SqlAsync(Catalogue);
        foreach (var command in (string[])["status", "run"])
        {
            var (code, said) = await RunAsync(command);
            Assert.True(code == 2, $"{command} {code}: {said}");
            Assert.Contains($"phiên bản 99, mới hơn phiên bản {Newest}", said, StringComparison.Ordinal);
            Assert.Contains("Hãy chạy chương trình bản mới hơn, hoặc khôi phục bản sao lưu", said, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        }

        Assert.Equal(before, await _store.SqlAsync(Catalogue));
    }

    [Fact]
    public async Task A_ledger_stepped_up_by_a_newer_program_under_a_running_one_is_written_no_more()
    {
        await using var ledger = _store.Connect();
        await ledger.OpenAsync(Cancelled);
        Assert.NotNull(await ledger.TryLeaseAsync("job", "a", Minute, Cancelled));
        await _store.SqlAsync("INSERT INTO schema_version (version) VALUES (99)");
        var refused = await Assert.ThrowsAsync<LedgerTooNewException>(() => ledger.TryLeaseAsync("other", "a", Minute, Cancelled));
        Assert.Contains("phiên bản 99", refused.What.Vi, StringComparison.Ordinal);
        Assert.Equal(0, await _store.NumberAsync("SELECT count(*) FROM lease WHERE job = 'other'"));
    }

    private static async Task<List<string>> TakeAsync(ILedger ledger, ClaimKind what, Next next)
    {
        var taken = new List<string>();
        foreach (var pipeline in (string[])["dossiers", "steps"])
        {
            while (await ledger.ClaimAsync(new ClaimRequest(pipeline, what, "w", 100, int.MaxValue, Minute), Cancelled) is { } claim)
            {
                taken.AddRange(claim.Versions.Select(v => v.Key));
                var attempt = new Attempt(AttemptKind.Send, TimeProvider.System.GetUtcNow(), default, "w", claim.Versions.Count, default, default, 200, "0", "");
                await ledger.SettleAsync(claim, attempt, [.. claim.Versions.Select(v => new Settlement(v.Version, next, "0", ""))], Cancelled);
            }
        }

        return taken;
    }

    // The server may learn of a client's death a moment later than the test.
    private async Task<long> SettledVersionAsync()
    {
        await Until.TrueAsync(
            async () => Told(_store).Provider == "sqlite" || await _store.NumberAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'integration'") == 0,
            TimeSpan.FromSeconds(30), () => Task.FromResult("the dead program's connections end"));
        return await _store.NumberAsync("SELECT max(version) FROM schema_version");
    }

    private Task<(int Code, string Said)> StatusAsync(params (string Name, string Value)[] environment) => RunAsync("status", environment);

    private async Task<(int Code, string Said)> RunAsync(string command, params (string Name, string Value)[] environment)
    {
        var folder = Directory.CreateTempSubdirectory("upgrade-").FullName;
        try
        {
            var (provider, connection) = Told(_store);
            var settings = ProvinceAtWork.Settings(folder, SampleProvince.Create(folder, 20), "http://127.0.0.1:1", null)
                .ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value!, StringComparer.Ordinal);
            (settings["Ledger__Provider"], settings["Ledger__ConnectionString"], settings["OperatorLanguage"]) = (provider, connection, "vi");
            foreach (var (name, value) in environment)
            {
                settings[name] = value;
            }

            await using var program = ChildProcess.Start("integration.dll", [command], settings, keptLines: 200);
            var code = await program.Ended.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
            return (code, string.Join(' ', program.LastLines.Select(l => l.Trim())));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

public sealed class SqliteUpgradeTests : UpgradeContract
{
    protected override string Catalogue => "SELECT group_concat(type || name || coalesce(sql, '') || (SELECT group_concat(version) FROM schema_version), ';') FROM sqlite_master";

    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());

    protected override int Newest => 6;

    protected override (string Provider, string Connection) Told(LedgerStore store) => ("sqlite", ((SqliteStore)store).Connection);
}

public sealed class PostgresUpgradeTests(PostgresCluster cluster) : UpgradeContract
{
    protected override string Catalogue =>
        """
        SELECT (SELECT string_agg(concat_ws(' ', table_name, column_name, data_type, column_default), ';' ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema = 'public')
            || (SELECT string_agg(indexdef, ';' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public') || (SELECT string_agg(version::text, ',') FROM schema_version)
        """;

    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));

    protected override int Newest => 7;

    protected override (string Provider, string Connection) Told(LedgerStore store) => ("postgres", ((PostgresStore)store).Connection);
}

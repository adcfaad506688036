using System.Text;
using Integration.Ledger;
using Integration.Records;
using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Packs that an earlier program stored (<c>Schema005/*.sql</c>), each record of which has a row: they stay as they are, and are worked with.</summary>
public abstract class UpgradePacksContract : LedgerContract
{
    private static readonly string[] s_acknowledged = [.. Enumerable.Range(0, 60).Select(static n => $"a{n:00}")];

    protected abstract string Provider { get; }

    private protected abstract LedgerStore Store005 { get; }

    protected override async Task<LedgerStore> CreateStoreAsync()
    {
        await Store005.SqlAsync("CREATE TABLE schema_version (version integer NOT NULL PRIMARY KEY)");
        for (var version = 1; version <= 5; version++)
        {
            await Store005.SqlAsync($"BEGIN;\n{await Store005.StepAsync(version)}\nCOMMIT");
        }

        using var reader = new StreamReader(typeof(UpgradePacksContract).Assembly.GetManifestResourceStream($"Ledger/Schema005/{Provider}.sql")!);
        await Store005.SqlAsync(await reader.ReadToEndAsync(Cancelled));

        // The worker that wrote it is long gone.
        await Store005.AdvanceAsync(TimeSpan.FromDays(300));
        return Store005;
    }

    [Fact]
    public async Task What_an_earlier_program_packed_is_known_found_changed_and_delivered()
    {
        Assert.Equal(Provider == "postgres" ? 7 : 6, await Store.NumberAsync("SELECT max(version) FROM schema_version"));
        Assert.Equal("", await Store.MiscountedAsync());
        var versions = await Store.NumberAsync("SELECT count(*) FROM every_version");
        Assert.Equal(60 + 1 + 4 + 5 + 4, versions);
        var rows = s_acknowledged.Select(static k => new SourceRow(k, RowOf(k, k == "a02" ? "a02 new" : Content(k)))).ToArray();
        Assert.DoesNotContain(false, await Ledger.ReadKnownRowsAsync(Dossiers, rows, Cancelled));
        Assert.Equal("R-a59", (await NewestAsync("a59")).Receipt);
        Assert.Equal(60, (await Ledger.ReadNewestHashesAsync(Dossiers, s_acknowledged, Cancelled)).Count);

        // New ones stand among the old, in order, and go their own way.
        Assert.Equal(3, (await CommitAsync(Put("a05a", "v"), Put("a05b", "v"), Put("b01", Content("b01")), Put("d1", "v"))).Added);
        Assert.Equal(1, await Store.NumberAsync("SELECT count(*) FROM pack WHERE first_key = 'a05a'"));
        await CommitAsync(Put("a05", "a05 new"), Put("c01", "c01 new"), Gone("a09"));
        Assert.Equal(57, await Store.NumberAsync("SELECT records FROM pack WHERE slots = 60"));

        // Of the pack that was held nothing had arrived.
        Assert.Equal(4, (await Ledger.UpkeepAsync(Cancelled)).LeasesExpired);
        while (await ClaimAsync(what: ClaimKind.Unknown) is { } asked)
        {
            await SettleAsync(asked, Next.RetryAsCreate);
        }

        var sent = new List<string>();
        foreach (var pipeline in (string[])[Dossiers, Steps, Dossiers, Steps])
        {
            while (await ClaimAsync(pipeline) is { } claim)
            {
                sent.AddRange(claim.Versions.Select(static v => $"{v.Key} {Encoding.UTF8.GetString(v.Payload.Span)[..Math.Min(7, v.Payload.Length)].Trim()}"));
                await SettleAsync(claim, static v => new Settlement(v.Version, Next.Acknowledge, "0", ""));
            }
        }

        Assert.Equal(
            ["a00/1 s1", "a01/1 s3", "a02 a02 new", "a02/1 s2", "a05 a05 new", "a05a v", "a05b v", "a09", "b00 b00 xxx", "b01 b01 xxx", "b02 b02 xxx", "b03 b03 xxx", "c00 c00 xxx", "c00/1 s4", "c01 c01 new", "c02 c02 xxx", "c03 c03 xxx", "c04 c04 xxx", "d1 v"],
            sent.Select(static s => s.Trim()).Order(StringComparer.Ordinal));
        Assert.Equal(Content("a33"), Encoding.UTF8.GetString((await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "a33", Cancelled))!));
        Assert.Equal(versions + 6, await Store.NumberAsync("SELECT count(*) FROM every_version"));
    }

    private static string Content(string key) => $"{key} {new string('x', 400)}";

    private static Guid RowOf(string key, string content) => new(ContentHash.Of(Encoding.UTF8.GetBytes(key + content)).ToBytes().AsSpan(0, 16));
}

public sealed class SqliteUpgradePacksTests : UpgradePacksContract
{
    protected override string Provider => "sqlite";

    private protected override LedgerStore Store005 { get; } = new SqliteStore();
}

public sealed class PostgresUpgradePacksTests(PostgresCluster cluster) : UpgradePacksContract
{
    private LedgerStore? _store;

    protected override string Provider => "postgres";

    private protected override LedgerStore Store005 => _store!;

    protected override async Task<LedgerStore> CreateStoreAsync()
    {
        _store = new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
        return await base.CreateStoreAsync();
    }
}

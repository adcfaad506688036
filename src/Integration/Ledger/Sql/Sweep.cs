using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Integration.Ledger.Sql;

/// <summary>The keys of a complete reading, in a temporary table of a connection of its own.</summary>
internal sealed class Sweep(Database database, HeldSession held, string pipeline) : ISweep
{
    private const string Held =
        "FROM version v WHERE v.pipeline_id = (SELECT p.id FROM pipeline p WHERE p.name = @name) AND v.newest AND v.kind <> 2";

    private const string Packed = "FROM record v WHERE v.pipeline_id = (SELECT p.id FROM pipeline p WHERE p.name = @name)";

    private const string Missing = "AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.key_hash = v.key_hash)";

    public Task SeeAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => database.GuardAsync(() => held.Use(cancellationToken).ExecuteAsync(
        Rows.Of("key", Rows.Column(keys, static k => Stored.Hash(Stored.Key(k)))), "INSERT INTO seen (key_hash) SELECT r.key FROM r WHERE TRUE ON CONFLICT DO NOTHING"));

    public Task<SweepCounts> CountAsync(CancellationToken cancellationToken) => database.GuardAsync(async () =>
    {
        // In one transaction: what leaves a pack meanwhile is counted once.
        var session = held.Use(cancellationToken);
        await session.ExecuteAsync($"BEGIN {session.Lock("ISOLATION LEVEL REPEATABLE READ")}");
        try
        {
            var (count, missing) = (0L, 0L);
            for (var page = await OrderedSweep.ReadAsync(session, pipeline, ""); page.Last is { } last; page = await OrderedSweep.ReadAsync(session, pipeline, last))
            {
                (count, missing) = (count + page.Keys.Count, missing + (await OrderedSweep.MissingAsync(session, page.Keys)).Count);
            }

            return new SweepCounts(
                count + await session.NumberAsync($"SELECT (SELECT count(*) {Held}) + (SELECT count(*) {Packed})", ("name", pipeline)) ?? 0,
                missing + await session.NumberAsync($"SELECT (SELECT count(*) {Held} {Missing}) + (SELECT count(*) {Packed} {Missing})", ("name", pipeline)) ?? 0);
        }
        finally
        {
            await held.Use(CancellationToken.None).ExecuteAsync("ROLLBACK");
        }
    });

    public async IAsyncEnumerable<IReadOnlyList<string>> ReadMissingAsync(int pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Packs first: what is taken out of one meanwhile is found among the versions.
        var page = new List<string>(pageSize);
        foreach (var read in (Func<object?, Task<(object? Last, List<string> Keys)>>[])[OrderedAsync, PackedAsync, VersionsAsync])
        {
            for (var found = await read(null); found.Last is { } last; found = await read(last))
            {
                foreach (var key in found.Keys)
                {
                    page.Add(key);
                    if (page.Count == pageSize)
                    {
                        yield return page;
                        page = new List<string>(pageSize);
                    }
                }
            }
        }

        if (page.Count > 0)
        {
            yield return page;
        }

        Task<(object?, List<string>)> OrderedAsync(object? after) => database.GuardAsync(async () =>
        {
            var session = held.Use(cancellationToken);
            var (last, keys) = await OrderedSweep.ReadAsync(session, pipeline, (string?)after ?? "");
            return ((object?)last, await OrderedSweep.MissingAsync(session, keys));
        });

        Task<(object?, List<string>)> PackedAsync(object? after) => PageAsync(
            $"SELECT v.key, v.key {Packed} {Missing} AND v.key > @after ORDER BY v.key LIMIT @page", static r => r.GetString(0), after ?? "");

        Task<(object?, List<string>)> VersionsAsync(object? after) => PageAsync(
            $"SELECT v.key_hash, v.key {Held} {Missing} AND v.key_hash > @after ORDER BY v.key_hash LIMIT @page", static r => r.GetGuid(0), after ?? Guid.Empty);

        Task<(object?, List<string>)> PageAsync(string sql, Func<DbDataReader, object> place, object after) => database.GuardAsync(async () =>
        {
            object? last = null;
            var keys = await held.Use(cancellationToken).QueryAsync(
                sql,
                r =>
                {
                    last = place(r);
                    return r.GetString(1);
                },
                ("name", pipeline), ("after", after), ("page", pageSize));
            return (last, keys);
        });
    }

    public ValueTask DisposeAsync() => held.Close();
}

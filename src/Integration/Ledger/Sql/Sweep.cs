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
        var session = held.Use(cancellationToken);
        return new SweepCounts(
            await session.NumberAsync($"SELECT (SELECT count(*) {Held}) + (SELECT count(*) {Packed})", ("name", pipeline)) ?? 0,
            await session.NumberAsync($"SELECT (SELECT count(*) {Held} {Missing}) + (SELECT count(*) {Packed} {Missing})", ("name", pipeline)) ?? 0);
    });

    public async IAsyncEnumerable<IReadOnlyList<string>> ReadMissingAsync(int pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Packs first: what is taken out of one meanwhile is found among the versions.
        var page = new List<string>(pageSize);
        foreach (var read in (Func<object?, Task<List<(object Place, string Key)>>>[])[PackedAsync, VersionsAsync])
        {
            var found = await read(null);
            while (found.Count > 0)
            {
                foreach (var (_, key) in found)
                {
                    page.Add(key);
                    if (page.Count == pageSize)
                    {
                        yield return page;
                        page = new List<string>(pageSize);
                    }
                }

                found = found.Count < pageSize ? [] : await read(found[^1].Place);
            }
        }

        if (page.Count > 0)
        {
            yield return page;
        }

        Task<List<(object, string)>> PackedAsync(object? after) => database.GuardAsync(() => held.Use(cancellationToken).QueryAsync(
            $"SELECT v.key {Packed} {Missing} AND v.key > @after ORDER BY v.key LIMIT @page", static r => ((object)r.GetString(0), r.GetString(0)),
            ("name", pipeline), ("after", after ?? ""), ("page", pageSize)));

        Task<List<(object, string)>> VersionsAsync(object? after) => database.GuardAsync(() => held.Use(cancellationToken).QueryAsync(
            $"SELECT v.key_hash, v.key {Held} {Missing} AND v.key_hash > @after ORDER BY v.key_hash LIMIT @page", static r => ((object)r.GetGuid(0), r.GetString(1)),
            ("name", pipeline), ("after", after ?? Guid.Empty), ("page", pageSize)));
    }

    public ValueTask DisposeAsync() => held.Close();
}

namespace Integration.Ledger.Sql;

/// <summary>Hashes of rows that were mapped and brought nothing new: the definition changed, the program did, or a column that is not mapped.</summary>
internal sealed class StaleRowHashes
{
    private readonly List<(string Key, long Pack, Guid Hash)> _packed = [];
    private readonly List<(long Version, Guid Hash)> _versions = [];

    public void Add(string key, long pack, Guid? hash)
    {
        if (hash is { } known)
        {
            _packed.Add((key, pack, known));
        }
    }

    public void Add(long version, Guid? hash)
    {
        if (hash is { } known)
        {
            _versions.Add((version, known));
        }
    }

    /// <summary>The last of its transaction, and waits for nobody: what another worker holds at the moment is left for a later reading.</summary>
    public async Task RefreshAsync(Session session, long pipeline)
    {
        // Records leave a pack only under its lock.
        var packs = await LockAsync(session, "pack", _packed.Select(static p => p.Pack));
        var packed = _packed.FindAll(p => packs.Contains(p.Pack));
        await session.ExecuteAsync(
            new Rows()
                .Add("key", Rows.Column<(string Key, long, Guid), string?>(packed, static p => p.Key))
                .Add("pack", Rows.Column(packed, static p => p.Pack))
                .Add("new_hash", Rows.Column(packed, static p => p.Hash)),
            "UPDATE record AS a SET row_hash = r.new_hash FROM r WHERE a.pipeline_id = @pipeline AND a.key = r.key AND a.pack_id = r.pack", ("pipeline", pipeline));

        var locked = await LockAsync(session, "version", _versions.Select(static v => v.Version));
        var versions = _versions.FindAll(v => locked.Contains(v.Version));
        await session.UpdateAsync(
            "version", "row_hash = r.new_hash", Rows.Of("id", Rows.Column(versions, static v => v.Version)).Add("new_hash", Rows.Column(versions, static v => v.Hash)));
    }

    private static async Task<HashSet<long>> LockAsync(Session session, string table, IEnumerable<long> ids)
    {
        var locked = new HashSet<long>();
        await session.QueryAsync(
            Rows.Of("id", [.. ids.Distinct()]), $"SELECT t.id FROM r JOIN {table} t ON t.id = r.id {session.Lock("FOR NO KEY UPDATE OF t SKIP LOCKED")}",
            reader => locked.Add(reader.GetInt64(0)));
        return locked;
    }
}

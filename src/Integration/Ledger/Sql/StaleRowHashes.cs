namespace Integration.Ledger.Sql;

/// <summary>Hashes of rows that were mapped and brought nothing new: the definition changed, the program did, or a column that is not mapped.</summary>
internal sealed class StaleRowHashes
{
    private readonly List<(string Key, Packed Place, Guid Hash)> _packed = [];
    private readonly List<(long Version, Guid Hash)> _versions = [];

    public void Add(string key, in Packed place, Guid? hash)
    {
        if (hash is { } known)
        {
            _packed.Add((key, place, known));
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
        var packs = await LockAsync(session, "pack", _packed.Select(static p => p.Place.Pack));
        var packed = _packed.FindAll(p => packs.Contains(p.Place.Pack));
        await RefreshStretchesAsync(session, pipeline, packed.FindAll(static p => p.Place.Stretch is not null));
        var records = packed.FindAll(static p => p.Place.Stretch is null);
        await session.ExecuteAsync(
            new Rows()
                .Add("key", Rows.Column<(string Key, Packed, Guid), string?>(records, static p => p.Key))
                .Add("pack", Rows.Column(records, static p => p.Place.Pack))
                .Add("new_hash", Rows.Column(records, static p => p.Hash)),
            "UPDATE record AS a SET row_hash = r.new_hash FROM r WHERE a.pipeline_id = @pipeline AND a.key = r.key AND a.pack_id = r.pack", ("pipeline", pipeline));

        var locked = await LockAsync(session, "version", _versions.Select(static v => v.Version));
        var versions = _versions.FindAll(v => locked.Contains(v.Version));
        await session.UpdateAsync(
            "version", "row_hash = r.new_hash", Rows.Of("id", Rows.Column(versions, static v => v.Version)).Add("new_hash", Rows.Column(versions, static v => v.Hash)));
    }

    private static async Task RefreshStretchesAsync(Session session, long pipeline, List<(string Key, Packed Place, Guid Hash)> packed)
    {
        var stretches = packed.ToLookup(static p => p.Place.Stretch!, StringComparer.Ordinal);
        var changed = new List<(string FirstKey, byte[] Hashes)>();
        await session.QueryAsync(
            new Rows().Add("first_key", stretches.Select(static s => (string?)s.Key).ToArray()).Add("pack", stretches.Select(static s => s.First().Place.Pack).ToArray()),
            $"""
            SELECT o.first_key, o.first_slot, o.row_hashes
            FROM r {session.One("ordered_slots", "o", "o.pipeline_id = @pipeline AND o.first_key = r.first_key AND o.pack_id = r.pack")}
            """,
            reader =>
            {
                var (key, first, hashes) = (reader.GetString(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
                var isStale = false;
                foreach (var (_, place, hash) in stretches[key])
                {
                    var stored = hashes.AsSpan((place.Slot - first) * Stretch.RowHashBytes, Stretch.RowHashBytes);
                    isStale |= new Guid(stored) != hash;
                    hash.TryWriteBytes(stored);
                }

                if (isStale)
                {
                    changed.Add((key, hashes));
                }
            },
            ("pipeline", pipeline));
        await session.ExecuteAsync(
            new Rows().Add("first_key", Rows.Column<(string FirstKey, byte[]), string?>(changed, static c => c.FirstKey)).Add("new_hashes", Rows.Column(changed, static c => c.Hashes)),
            "UPDATE ordered_slots AS o SET row_hashes = r.new_hashes FROM r WHERE o.pipeline_id = @pipeline AND o.first_key = r.first_key", ("pipeline", pipeline));
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

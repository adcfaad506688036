using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Where a record stands in a pack.</summary>
internal readonly record struct Packed(long Pack, int Slot, ContentHash Hash)
{
    public long Version => Pack + Slot;

    /// <summary>Those of the keys whose newest version is in a pack; read before <c>version</c>, since records move that way only.</summary>
    /// <param name="keys">As they are stored.</param>
    public static async Task<Packed?[]> FindAsync(Session session, long pipeline, IReadOnlyList<string> keys)
    {
        var found = new Packed?[keys.Count];
        var indexable = Enumerable.Range(0, keys.Count).Where(n => keys[n].Length <= Sql.Pack.LongestKey).ToArray();
        await session.QueryAsync(
            new Rows().Add("n", indexable).Add("key", Array.ConvertAll<int, string?>(indexable, n => keys[n])),
            "SELECT r.n, a.pack_id, a.slot, a.hash FROM r CROSS JOIN record a WHERE a.pipeline_id = @pipeline AND a.key = r.key",
            reader => found[reader.GetInt32(0)] = new Packed(reader.GetInt64(1), reader.GetInt32(2), Stored.ReadHash(reader, 3)), ("pipeline", pipeline));
        return found;
    }

    /// <summary>One key with the pack it is in; null when it is in none.</summary>
    public static async Task<(Packed Record, Pack Pack)?> FindAsync(Session session, string pipeline, string key)
    {
        var found = await session.QueryAsync(
            $"""
            SELECT {Sql.Pack.Columns}, a.slot, a.hash FROM pipeline p JOIN record a ON a.pipeline_id = p.id JOIN pack k ON k.id = a.pack_id
            WHERE p.name = @pipeline AND a.key = @key
            """,
            static r => (Record: new Packed(r.GetInt64(0), r.GetInt32(14), Stored.ReadHash(r, 15)), Pack: Sql.Pack.Read(r)), ("pipeline", pipeline), ("key", key));
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The place of a version's bytes; null when it is in no pack.</summary>
    public static async Task<Place?> PlaceOfAsync(Session session, long version)
    {
        var pack = await session.FirstAsync($"SELECT {Sql.Pack.Columns} FROM pack k WHERE k.id <= @version ORDER BY k.id DESC LIMIT 1", Sql.Pack.Read, ("version", version));
        return pack is not null && pack.Holds(version) ? pack.PlaceOf((await Slots.ReadAsync(session, pack))[version - pack.Id]) : null;
    }
}

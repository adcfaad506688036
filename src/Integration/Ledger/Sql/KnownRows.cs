using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Which rows of a source the ledger knows already, by the hash that the newest version of their key was made from. A hash is a help and no promise:
/// where there is none the row is mapped, and found to be what is known.
/// </summary>
internal static class KnownRows
{
    // Zeros where there is none.
    private static readonly Sought<Guid> s_hashes = new(
        "row_hashes", static (s, n) => s.RowHashAt(n), "a.row_hash", static (r, first) => r.IsDBNull(first) ? Guid.Empty : r.GetGuid(first));

    /// <returns>One for each of the rows.</returns>
    public static async Task<bool[]> ReadAsync(Session session, string pipeline, IReadOnlyList<SourceRow> rows)
    {
        var known = new bool[rows.Count];
        var asked = Enumerable.Range(0, rows.Count).Where(n => rows[n] is { Key: not null, Hash: not null }).ToArray();
        if (asked.Length == 0)
        {
            return known;
        }

        var (id, ordered, records, versions) = await session.FirstAsync(
            $"SELECT p.id, {PackKinds.Columns}, {NewestVersions.Any} FROM pipeline p WHERE p.name = @name",
            static r => (r.GetInt64(0), r.GetBoolean(1), r.GetBoolean(2), r.GetBoolean(3)), ("name", pipeline));
        if (!ordered && !records && !versions)
        {
            return known;
        }

        // Packs first, since records move from there to the versions.
        var keys = Array.ConvertAll(asked, n => Stored.Key(rows[n].Key!));
        var packed = await PackedKeys.FindAsync(session, id, keys, s_hashes, new PackKinds(ordered, records));
        var others = new List<int>();
        for (var i = 0; i < asked.Length; i++)
        {
            var stored = packed.Length == 0 ? null : packed[i];
            known[asked[i]] = stored is { } hash && hash == rows[asked[i]].Hash && hash != Guid.Empty;
            if (stored is null)
            {
                others.Add(i);
            }
        }

        if (versions && others.Count > 0)
        {
            await session.QueryAsync(
                new Rows().Add("n", Rows.Column(others, i => asked[i])).Add("key", Rows.Column(others, i => Stored.Hash(keys[i]))).Add("hash", Rows.Column(others, i => rows[asked[i]].Hash!.Value)),
                $"SELECT r.n FROM r {NewestVersions.Of(session)} WHERE v.row_hash = r.hash",
                reader => known[reader.GetInt32(0)] = true, ("pipeline", id));
        }

        return known;
    }
}

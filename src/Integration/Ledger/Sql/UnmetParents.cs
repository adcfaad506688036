using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>New records whose parent has no acknowledged version: they wait.</summary>
internal static class UnmetParents
{
    /// <param name="parents">The pipeline that the parents are of, 0 where it is not known yet; null: this pipeline waits for none.</param>
    /// <returns>Numbers of the entries.</returns>
    public static async Task<HashSet<int>> FindAsync(Session session, Slice slice, IReadOnlyList<CommitSlice.Entry> entries, long? parents)
    {
        var unmet = new HashSet<int>();
        if (parents is not { } pipeline)
        {
            return unmet;
        }

        var children = entries
            .Select((e, n) => (N: n, slice.Entries[e.Index].Kind, slice.Entries[e.Index].Parent))
            .Where(static e => e is { Kind: EntryKind.Put, Parent: not null })
            .ToLookup(static e => Stored.Key(e.Parent!), static e => e.N, StringComparer.Ordinal);

        // Packs first, since records move from there to the versions.
        string[] keys = [.. children.Select(static c => c.Key).Order(StringComparer.Ordinal)];
        var packed = await Packed.StatesAsync(session, pipeline, keys);
        var open = keys.Where((_, i) => packed.Length == 0 || packed[i] != RecordState.Acknowledged).ToArray();
        unmet.UnionWith(open.SelectMany(k => children[k]));
        await session.QueryAsync(
            new Rows().Add("n", [.. Enumerable.Range(0, open.Length)]).Add("key_hash", Array.ConvertAll(open, Stored.Hash)),
            """
            SELECT r.n FROM r WHERE EXISTS (SELECT 1 FROM version a WHERE a.pipeline_id = @parents AND a.key_hash = r.key_hash AND a.newest AND a.kind = 0 AND a.state = 4)
                OR EXISTS (SELECT 1 FROM version a WHERE a.pipeline_id = @parents AND a.key_hash = r.key_hash AND NOT a.newest AND a.kind = 0 AND a.state = 4)
            """,
            reader => unmet.ExceptWith(children[open[reader.GetInt32(0)]]), ("parents", pipeline));
        return unmet;
    }
}

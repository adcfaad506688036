namespace Integration.Ledger.Sql;

/// <summary>The part of a sweep that looks at packs whose keys rise: of these the store knows no hashes of keys to look for among those that were seen.</summary>
internal static class OrderedSweep
{
    private const int StretchesOfPage = 40;

    /// <param name="after">What the last stretch of the page before begins with; empty: from the first.</param>
    /// <returns>What the last stretch of this page begins with, null where there is none; and the keys of records that are still in their packs.</returns>
    public static async Task<(string? Last, List<string> Keys)> ReadAsync(Session session, string pipeline, string after)
    {
        var keys = new List<string>();
        var pages = await session.QueryAsync(
            $"""
            SELECT {Stretch.Columns("row_hashes")} FROM ordered_slots o {Stretch.Its(session)}
            WHERE o.pipeline_id = (SELECT p.id FROM pipeline p WHERE p.name = @name) AND o.first_key > @after ORDER BY o.first_key LIMIT @page
            """,
            r =>
            {
                var stretch = Stretch.Read(r, 0);
                keys.AddRange(stretch.Keys.Split('\n').Where((_, n) => !stretch.Lacks(n)));
                return stretch.FirstKey;
            },
            ("name", pipeline), ("after", after), ("page", StretchesOfPage));
        return (pages.LastOrDefault(), keys);
    }

    /// <returns>Those of the keys that the reading did not show.</returns>
    public static async Task<List<string>> MissingAsync(Session session, List<string> keys)
    {
        var missing = new List<string>();
        await session.QueryAsync(
            new Rows().Add("n", [.. Enumerable.Range(0, keys.Count)]).Add("key", Rows.Column(keys, static k => Stored.Hash(k))),
            "SELECT r.n FROM r WHERE NOT EXISTS (SELECT 1 FROM seen s WHERE s.key_hash = r.key)", reader => missing.Add(keys[reader.GetInt32(0)]));
        return missing;
    }
}

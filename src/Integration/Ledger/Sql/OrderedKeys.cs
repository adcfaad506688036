namespace Integration.Ledger.Sql;

/// <summary>
/// Finds many keys in packs whose keys rise. Rising keys are compared with the stretches of slots that cover them, end to end; of any other key the one
/// stretch that may hold it is read.
/// </summary>
internal static class OrderedKeys
{
    // Fewer keys are looked for as quickly as it is found out that none can be there.
    private const int Few = 50;

    private const string Covering =
        """
        o.pipeline_id = @pipeline AND o.first_key <= @last
            AND o.first_key >= coalesce((SELECT b.first_key FROM ordered_slots b WHERE b.pipeline_id = @pipeline AND b.first_key <= @first ORDER BY b.first_key DESC LIMIT 1), '')
        """;

    /// <param name="rise">The keys rise, in the order of the stores.</param>
    /// <param name="digests">The column that <paramref name="found"/> needs.</param>
    /// <param name="found">Given the number of a key, its stretch and its place there.</param>
    public static async Task FindAsync(Session session, long pipeline, IReadOnlyList<string> keys, bool rise, string digests, Action<int, Stretch, int> found)
    {
        var done = rise ? await MergeAsync(session, pipeline, keys, digests, found) : 0;
        var rest = Enumerable.Range(done, keys.Count - done).Where(n => keys[n].Length is > 0 and <= Pack.LongestKey).ToArray();
        if (rest.Length >= Few && await session.NumberAsync("SELECT 1 FROM ordered_slots WHERE pipeline_id = @pipeline LIMIT 1", ("pipeline", pipeline)) is null)
        {
            return;
        }

        await session.QueryAsync(
            new Rows().Add("n", rest).Add("key", Array.ConvertAll<int, string?>(rest, n => keys[n])),
            $"SELECT r.n, {Stretch.Columns(digests)} FROM r {session.One("ordered_slots", "o", "o.pipeline_id = @pipeline AND o.first_key <= r.key", last: "o.first_key")} {Stretch.Its(session)}",
            reader =>
            {
                var (n, stretch, place) = (reader.GetInt32(0), Stretch.Read(reader, 1), 0);
                foreach (var key in stretch.Keys.AsSpan().Split('\n'))
                {
                    if (stretch.Keys.AsSpan(key).SequenceEqual(keys[n]))
                    {
                        Report(n, stretch, place, found);
                        break;
                    }

                    place++;
                }
            },
            ("pipeline", pipeline));
    }

    /// <returns>How many of the keys are decided: where there are far more stretches than the keys would fill the rest is looked up.</returns>
    private static async Task<int> MergeAsync(Session session, long pipeline, IReadOnlyList<string> keys, string digests, Action<int, Stretch, int> found)
    {
        var (most, next) = ((keys.Count / 4) + 16, 0);
        var stretches = await session.QueryAsync(
            $"SELECT {Stretch.Columns(digests)} FROM ordered_slots o {Stretch.Its(session)} WHERE {Covering} ORDER BY o.first_key LIMIT @most",
            reader =>
            {
                next = Merge(keys, next, Stretch.Read(reader, 0), found);
                return true;
            },
            ("pipeline", pipeline), ("first", keys[0]), ("last", keys[^1]), ("most", most));
        return stretches.Count < most ? keys.Count : next;
    }

    /// <returns>The first of the keys that stands behind the stretch.</returns>
    private static int Merge(IReadOnlyList<string> keys, int next, in Stretch stretch, Action<int, Stretch, int> found)
    {
        var place = 0;
        foreach (var range in stretch.Keys.AsSpan().Split('\n'))
        {
            var key = stretch.Keys.AsSpan(range);
            int order;
            for (order = -1; next < keys.Count && (order = keys[next].AsSpan().SequenceCompareTo(key)) < 0; next++)
            {
            }

            if (order == 0)
            {
                Report(next, stretch, place, found);
                next++;
            }

            place++;
        }

        return next;
    }

    private static void Report(int n, in Stretch stretch, int place, Action<int, Stretch, int> found)
    {
        if (!stretch.Lacks(place))
        {
            found(n, stretch, place);
        }
    }
}

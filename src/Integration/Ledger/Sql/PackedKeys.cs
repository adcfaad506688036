using System.Data.Common;

namespace Integration.Ledger.Sql;

/// <summary>
/// Finds many keys in <c>record</c>. Rising keys, as a source read in the order of its keys gives them, are one stretch of the index that is
/// read from end to end; other keys are looked up one by one.
/// </summary>
internal static class PackedKeys
{
    private const int FewestInStretch = 50;

    /// <param name="keys">As they are stored.</param>
    /// <param name="columns">Of <c>record a</c>.</param>
    /// <param name="read">Given a row and the ordinal of the first of the columns.</param>
    /// <returns>One for each of the keys; null where it is in no pack.</returns>
    public static async Task<T?[]> FindAsync<T>(Session session, long pipeline, IReadOnlyList<string> keys, string columns, Func<DbDataReader, int, T> read)
        where T : struct
    {
        var found = new T?[keys.Count];
        var done = AreRising(keys) ? await ReadStretchAsync(session, pipeline, keys, columns, read, found) : 0;
        var rest = Enumerable.Range(done, keys.Count - done).Where(n => keys[n].Length <= Pack.LongestKey).ToArray();
        await session.QueryAsync(
            new Rows().Add("n", rest).Add("key", Array.ConvertAll<int, string?>(rest, n => keys[n])),
            $"SELECT r.n, {columns} FROM r CROSS JOIN record a WHERE a.pipeline_id = @pipeline AND a.key = r.key",
            reader => found[reader.GetInt32(0)] = read(reader, 1), ("pipeline", pipeline));
        return found;
    }

    /// <returns>How many of the keys are decided: a stretch that holds far more than is looked for is given up.</returns>
    private static async Task<int> ReadStretchAsync<T>(Session session, long pipeline, IReadOnlyList<string> keys, string columns, Func<DbDataReader, int, T> read, T?[] found)
        where T : struct
    {
        var (most, next) = (2 * keys.Count, 0);
        var rows = await session.QueryAsync(
            $"SELECT a.key, {columns} FROM record a WHERE a.pipeline_id = @pipeline AND a.key >= @first AND a.key <= @last ORDER BY a.key LIMIT @most",
            r =>
            {
                var key = r.GetString(0);
                while (next < keys.Count && string.CompareOrdinal(keys[next], key) < 0)
                {
                    next++;
                }

                if (next < keys.Count && keys[next] == key)
                {
                    found[next] = read(r, 1);
                }

                return true;
            },
            ("pipeline", pipeline), ("first", keys[0]), ("last", keys[^1]), ("most", most));
        return rows.Count < most ? keys.Count : Math.Min(next, keys.Count);
    }

    // In the order of both stores, which is that of UTF-8: that of .NET is the same but where surrogates stand against what follows them.
    private static bool AreRising(IReadOnlyList<string> keys)
    {
        if (keys.Count < FewestInStretch)
        {
            return false;
        }

        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].Length > Pack.LongestKey || keys[i].AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0 || (i > 0 && string.CompareOrdinal(keys[i - 1], keys[i]) >= 0))
            {
                return false;
            }
        }

        return true;
    }
}

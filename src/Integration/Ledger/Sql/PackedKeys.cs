using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Finds many keys in packs: those whose keys rise first, and in <c>record</c> what is not there. Rising keys, as a source read in the order of its keys gives
/// them, are one stretch of an index that is read from end to end; other keys are looked up one by one.
/// </summary>
internal static class PackedKeys
{
    private const int FewestInStretch = 50;

    /// <param name="keys">As they are stored.</param>
    /// <param name="kinds">What need not be looked for is passed over.</param>
    /// <returns>One for each of the keys, null where it is in no pack; none at all where no key is in a pack.</returns>
    public static async Task<T?[]> FindAsync<T>(Session session, long pipeline, IReadOnlyList<string> keys, Sought<T> sought, PackKinds kinds)
        where T : struct
    {
        var (found, count) = ((T?[])[], 0);
        var rise = AreRising(keys);
        if (kinds.Ordered)
        {
            await OrderedKeys.FindAsync(session, pipeline, keys, rise, sought.Digests, (n, stretch, place) => Note(n, sought.InStretch(stretch, place)));
        }

        if (count == keys.Count || !kinds.Others)
        {
            return found;
        }

        var rest = count == 0 ? [.. Enumerable.Range(0, keys.Count)] : Enumerable.Range(0, keys.Count).Where(n => found[n] is null).ToArray();
        var done = rise ? await ReadStretchAsync(session, pipeline, keys, rest, sought, Note) : 0;
        var single = Array.FindAll(rest[done..], n => keys[n].Length <= Pack.LongestKey);
        await session.QueryAsync(
            new Rows().Add("n", single).Add("key", Array.ConvertAll<int, string?>(single, n => keys[n])),
            $"SELECT r.n, {sought.Columns} FROM r CROSS JOIN record a WHERE a.pipeline_id = @pipeline AND a.key = r.key",
            reader => Note(reader.GetInt32(0), sought.InRecord(reader, 1)), ("pipeline", pipeline));
        return found;

        void Note(int n, T what)
        {
            found = count++ == 0 ? new T?[keys.Count] : found;
            found[n] = what;
        }
    }

    /// <param name="which">Numbers of keys, rising.</param>
    /// <returns>How many of them are decided: a stretch that holds far more than is looked for is given up.</returns>
    private static async Task<int> ReadStretchAsync<T>(Session session, long pipeline, IReadOnlyList<string> keys, int[] which, Sought<T> sought, Action<int, T> found)
    {
        var (most, next) = (2 * which.Length, 0);
        var rows = await session.QueryAsync(
            $"SELECT a.key, {sought.Columns} FROM record a WHERE a.pipeline_id = @pipeline AND a.key >= @first AND a.key <= @last ORDER BY a.key LIMIT @most",
            r =>
            {
                var key = r.GetString(0);
                while (next < which.Length && string.CompareOrdinal(keys[which[next]], key) < 0)
                {
                    next++;
                }

                if (next < which.Length && keys[which[next]] == key)
                {
                    found(which[next], sought.InRecord(r, 1));
                }

                return true;
            },
            ("pipeline", pipeline), ("first", keys[which[0]]), ("last", keys[which[^1]]), ("most", most));
        return rows.Count < most ? which.Length : Math.Min(next, which.Length);
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
            if (keys[i].Length > Pack.LongestKey || Surrogates.AreIn(keys[i]) || (i > 0 && string.CompareOrdinal(keys[i - 1], keys[i]) >= 0))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What is to be told of a key that is in a pack.</summary>
/// <param name="Digests">The column of <c>ordered_slots</c> that it needs.</param>
/// <param name="InStretch">Given a stretch, and the key's place in it.</param>
/// <param name="Columns">Of <c>record a</c>.</param>
/// <param name="InRecord">Given a row, and the ordinal of the first of the columns.</param>
internal sealed record Sought<T>(string Digests, Func<Stretch, int, T> InStretch, string Columns, Func<DbDataReader, int, T> InRecord);

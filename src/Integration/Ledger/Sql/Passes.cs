using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>The entries of a slice, taken in so many turns that no key stands twice in one: a key that does is taken as if it came in two slices.</summary>
internal static class Passes
{
    public static List<IReadOnlyList<CommitSlice.Entry>> Of(Slice slice)
    {
        var (all, rise) = (new CommitSlice.Entry[slice.Entries.Count], true);
        for (var i = 0; i < all.Length; i++)
        {
            var entry = slice.Entries[i];
            if (entry is { Kind: EntryKind.Reject, Rejections: not { Count: > 0 } })
            {
                throw new ArgumentException($"The rejected entry {i} of the slice has no rejection.", nameof(slice));
            }

            all[i] = new CommitSlice.Entry(i, Stored.Key(entry.Key));
            rise &= i == 0 || string.CompareOrdinal(all[i - 1].Key, all[i].Key) < 0;
        }

        return rise ? [all] : Apart(all);
    }

    private static List<IReadOnlyList<CommitSlice.Entry>> Apart(CommitSlice.Entry[] all)
    {
        var passes = new List<List<CommitSlice.Entry>>();
        var seen = new Dictionary<string, int>(all.Length, StringComparer.Ordinal);
        foreach (var entry in all)
        {
            var pass = seen[entry.Key] = seen.TryGetValue(entry.Key, out var last) ? last + 1 : 0;
            if (pass == passes.Count)
            {
                passes.Add(new List<CommitSlice.Entry>(pass == 0 ? all.Length : 4));
            }

            passes[pass].Add(entry);
        }

        return [.. passes];
    }
}

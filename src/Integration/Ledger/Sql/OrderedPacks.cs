namespace Integration.Ledger.Sql;

/// <summary>Which new packs are found by their keys, so that their records need no row each: those whose keys rise and stand between no others.</summary>
internal static class OrderedPacks
{
    /// <summary>Asked while the pipeline is locked: nobody else can add packs to it meanwhile, and packs that go only make room.</summary>
    /// <param name="packs">In the order in which they are added.</param>
    /// <returns>One for each of the packs; they hold once the next statement was waited for.</returns>
    public static async Task<bool[]> AskAsync(Session session, long pipeline, IReadOnlyList<Slot[]> packs)
    {
        var chosen = new bool[packs.Count];
        if (!session.SortsByCharacter)
        {
            return chosen;
        }

        var last = "";
        for (var i = 0; i < packs.Count; i++)
        {
            chosen[i] = string.CompareOrdinal(packs[i][0].Key, last) > 0 && Rises(packs[i]);
            last = chosen[i] ? packs[i][^1].Key : last;
        }

        // The last stretch that does not begin behind the pack is the only one that may reach into it.
        var rising = Enumerable.Range(0, packs.Count).Where(i => chosen[i]).ToArray();
        await session.AskAsync(
            new Rows().Add("n", rising).Add("to_key", Array.ConvertAll<int, string?>(rising, i => packs[i][^1].Key)),
            """
            SELECT r.n, (SELECT o.keys FROM ordered_slots o WHERE o.pipeline_id = @pipeline AND o.first_key <= r.to_key ORDER BY o.first_key DESC LIMIT 1) FROM r
            """,
            reader =>
            {
                if (!reader.IsDBNull(1))
                {
                    var (n, keys) = (reader.GetInt32(0), reader.GetString(1));
                    chosen[n] = keys.AsSpan(keys.LastIndexOf('\n') + 1).SequenceCompareTo(packs[n][0].Key) < 0;
                }
            },
            ("pipeline", pipeline));
        return chosen;
    }

    private static bool Rises(Slot[] slots)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (!IsLine(slots[i].Key) || (slots[i].Parent is { } parent && !IsLine(parent)) || (i > 0 && string.CompareOrdinal(slots[i - 1].Key, slots[i].Key) >= 0))
            {
                return false;
            }
        }

        return true;
    }

    // One that can stand in a line, and that .NET sorts as the bytes of UTF-8 are sorted: without halves of characters, or what follows those.
    private static bool IsLine(string text)
    {
        foreach (var unit in text)
        {
            if (unit is < ' ' or > '\uD7FF')
            {
                return false;
            }
        }

        return text.Length > 0;
    }
}

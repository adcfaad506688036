using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Settles whole packs at once, when all their records were accepted plainly: with the attempt's own code, and nothing to remember but a receipt.
/// Any other answer undoes the pack, and its records are settled one by one.
/// </summary>
internal static class SettlePacks
{
    /// <returns>The packs that are accepted whole, and the settlements of everything else.</returns>
    public static async Task<(List<Whole> Whole, IReadOnlyList<Settlement> Single)> SortAsync(
        Session session, Claim claim, string code, IReadOnlyList<Settlement> settlements)
    {
        var packs = await LockAsync(session, claim);
        if (packs.Count == 0 || settlements.Count == 0)
        {
            return ([], settlements);
        }

        if (WholeInOrder(packs, code, settlements) is { } all)
        {
            return (all, []);
        }

        var byPack = settlements.ToLookup(s => packs.Find(p => p.Holds(s.Version))?.Id);
        var (whole, single) = (new List<Whole>(), new List<Settlement>(byPack[null]));
        foreach (var pack in packs)
        {
            Settlement[] said = [.. byPack[pack.Id].OrderBy(static s => s.Version)];
            if (said.Length == pack.Slots && IsAccepted(pack, code, said, 0))
            {
                whole.Add(new Whole(pack, Receipts(pack, said, 0)));
            }
            else if (said.Length > 0)
            {
                await Unpack.WholeAsync(session, [pack]);
                single.AddRange(said);
            }
        }

        return (whole, single);
    }

    public static async Task AcknowledgeAsync(Session session, List<Whole> whole, long attempt)
    {
        foreach (var (pack, said) in whole)
        {
            var receipts = said is null ? null : Slots.WriteReceipts(said);
            await session.ExecuteAsync(
                $"""
                UPDATE pack SET state = 4, attempts = attempts + 1, not_before = @now, acknowledged_at = @now, attempt_id = @attempt{(receipts is null ? "" : ", receipts = @receipts")}
                WHERE id = @id
                """,
                [("id", pack.Id), ("now", session.Now), ("attempt", attempt), .. receipts is null ? [] : new (string, object?)[] { ("receipts", receipts) }]);
            session.Tally.Move(pack.Pipeline, RecordState.Leased, RecordState.Acknowledged, pack.Slots);
        }
    }

    /// <returns>The versions that are not in packs which went back whole.</returns>
    public static async Task<IReadOnlyCollection<long>> ReturnAsync(Session session, Claim claim, IReadOnlyCollection<long> versions)
    {
        var packs = await LockAsync(session, claim);
        if (packs.Count == 0)
        {
            return versions;
        }

        var byPack = versions.Distinct().ToLookup(v => packs.Find(p => p.Holds(v))?.Id);
        var single = new List<long>(byPack[null]);
        foreach (var pack in packs)
        {
            long[] back = [.. byPack[pack.Id].Order()];
            if (IsWhole(pack, back))
            {
                await session.ExecuteAsync("UPDATE pack SET state = 0 WHERE id = @id", ("id", pack.Id));
                session.Tally.Move(pack.Pipeline, RecordState.Leased, RecordState.Ready, pack.Slots);
            }
            else if (back.Length > 0)
            {
                await Unpack.WholeAsync(session, [pack]);
                single.AddRange(back);
            }
        }

        return single;
    }

    // Nothing else is ever in a pack.
    private static async Task<List<Pack>> LockAsync(Session session, Claim claim) =>
        claim is { What: ClaimKind.Ready, Kind: EntryKind.Put, Exists: false } ? await Pack.LockLeasedAsync(session, claim.Token) : [];

    /// <summary>The usual answer, seen without sorting it: all of the call were accepted, and are told in the order in which they went.</summary>
    private static List<Whole>? WholeInOrder(List<Pack> packs, string code, IReadOnlyList<Settlement> settlements)
    {
        var (whole, first) = (new List<Whole>(packs.Count), 0);
        foreach (var pack in packs)
        {
            if (settlements.Count - first < pack.Slots || !IsAccepted(pack, code, settlements, first))
            {
                return null;
            }

            whole.Add(new Whole(pack, Receipts(pack, settlements, first)));
            first += pack.Slots;
        }

        return first == settlements.Count ? whole : null;
    }

    /// <param name="first">From where on there is one settlement for each slot.</param>
    private static bool IsAccepted(Pack pack, string code, IReadOnlyList<Settlement> settlements, int first)
    {
        for (var n = 0; n < pack.Slots; n++)
        {
            var said = settlements[first + n];
            if (said.Version != pack.Id + n || said.Next != Next.Acknowledge || said.Code != code || said.Memo is not null)
            {
                return false;
            }
        }

        return true;
    }

    private static string?[]? Receipts(Pack pack, IReadOnlyList<Settlement> settlements, int first)
    {
        string?[]? receipts = null;
        for (var n = 0; n < pack.Slots; n++)
        {
            if (settlements[first + n].Receipt is { } text)
            {
                receipts ??= new string?[pack.Slots];
                receipts[n] = Stored.Text(text);
            }
        }

        return receipts;
    }

    private static bool IsWhole(Pack pack, long[] rising)
    {
        var isWhole = rising.Length == pack.Slots;
        for (var n = 0; n < rising.Length && isWhole; n++)
        {
            isWhole = rising[n] == pack.Id + n;
        }

        return isWhole;
    }

    /// <param name="Receipts">Slot by slot; null when the receiver gave none.</param>
    internal sealed record Whole(Pack Pack, string?[]? Receipts);
}

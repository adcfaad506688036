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

        // As a rule they come as they were claimed, and those of a pack stand together.
        var rising = Rising(settlements);
        var (whole, single, next) = (new List<Whole>(packs.Count), new List<Settlement>(), 0);
        foreach (var pack in packs)
        {
            for (; next < rising.Count && rising[next].Version < pack.Id; next++)
            {
                single.Add(rising[next]);
            }

            var said = new Whole(pack, rising, next);
            for (; next < rising.Count && pack.Holds(rising[next].Version); next++)
            {
            }

            if (next - said.First == pack.Slots && said.IsAccepted(code))
            {
                whole.Add(said);
            }
            else if (next > said.First)
            {
                await Unpack.WholeAsync(session, [pack]);
                single.AddRange(rising.Skip(said.First).Take(next - said.First));
            }
        }

        single.AddRange(rising.Skip(next));
        return (whole, single);
    }

    public static async Task AcknowledgeAsync(Session session, List<Whole> whole, long attempt)
    {
        foreach (var said in whole)
        {
            var receipts = said.Receipts is { } given ? Slots.WriteReceipts(given) : null;
            await session.WriteAsync(
                $"""
                UPDATE pack SET state = 4, attempts = attempts + 1, not_before = @now, acknowledged_at = @now, attempt_id = @attempt{(receipts is null ? "" : ", receipts = @receipts")}
                WHERE id = @id
                """,
                [("id", said.Pack.Id), ("now", session.Now), ("attempt", attempt), .. receipts is null ? [] : new (string, object?)[] { ("receipts", receipts) }]);
            session.Tally.Move(said.Pack.Pipeline, RecordState.Leased, RecordState.Acknowledged, said.Pack.Slots);
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
                await session.WriteAsync("UPDATE pack SET state = 0 WHERE id = @id", ("id", pack.Id));
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

    private static bool IsWhole(Pack pack, long[] rising)
    {
        var isWhole = rising.Length == pack.Slots;
        for (var n = 0; n < rising.Length && isWhole; n++)
        {
            isWhole = rising[n] == pack.Id + n;
        }

        return isWhole;
    }

    private static IReadOnlyList<Settlement> Rising(IReadOnlyList<Settlement> settlements)
    {
        for (var i = 1; i < settlements.Count; i++)
        {
            if (settlements[i - 1].Version > settlements[i].Version)
            {
                return [.. settlements.OrderBy(static s => s.Version)];
            }
        }

        return settlements;
    }

    /// <summary>What was said about a pack.</summary>
    /// <param name="All">Settlements by rising version.</param>
    /// <param name="First">The first of them that is the pack's; those of its other slots follow.</param>
    internal readonly record struct Whole(Pack Pack, IReadOnlyList<Settlement> All, int First)
    {
        /// <summary>One a slot; null when the receiver gave none.</summary>
        public string?[]? Receipts
        {
            get
            {
                string?[]? receipts = null;
                for (var n = 0; n < Pack.Slots; n++)
                {
                    if (All[First + n].Receipt is { } text)
                    {
                        (receipts ??= new string?[Pack.Slots])[n] = Stored.Text(text);
                    }
                }

                return receipts;
            }
        }

        /// <summary>Each slot was accepted plainly; asked only where as many settlements as slots follow.</summary>
        public bool IsAccepted(string code)
        {
            var isAccepted = true;
            for (var n = 0; n < Pack.Slots && isAccepted; n++)
            {
                var said = All[First + n];
                isAccepted = said.Version == Pack.Id + n && said.Next == Next.Acknowledge && said.Code == code && said.Memo is null;
            }

            return isAccepted;
        }
    }
}

namespace Integration.Ledger.Sql;

/// <summary>
/// Packs that this process has just stored and will, as a rule, send next: kept until they are claimed, so that they need not be read back. Only a help:
/// what is not here is read from the store.
/// </summary>
internal sealed class RecentPacks
{
    /// <summary>Of all packs together.</summary>
    public const int MostBytes = 6 << 20;

    // What was not claimed by then is in other hands, or waits for a receiver that is slower than any store; in microseconds.
    private const long LongestKept = 2_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, RecentPack> _packs = [];
    private long _bytes;

    /// <param name="stored">Of a transaction that is known to have been committed.</param>
    public void Add(IReadOnlyList<RecentPack> stored)
    {
        lock (_lock)
        {
            foreach (var pack in stored)
            {
                Remove(pack.Id);
                if (_bytes + pack.Size > MostBytes)
                {
                    Drop(pack.Extracted - LongestKept);
                }

                // The oldest are claimed first, so it is the newest that finds no room.
                if (_bytes + pack.Size <= MostBytes)
                {
                    _bytes += pack.Size;
                    _packs[pack.Id] = pack;
                }
            }
        }
    }

    /// <summary>Gives the pack away.</summary>
    /// <returns>Null when it is not here.</returns>
    public RecentPack? Take(Pack pack)
    {
        lock (_lock)
        {
            return Remove(pack.Id) is { } kept && kept.Became(pack) ? kept : null;
        }
    }

    private void Drop(long before)
    {
        foreach (var old in _packs.Values.Where(p => p.Extracted < before).ToArray())
        {
            Remove(old.Id);
        }
    }

    private RecentPack? Remove(long id)
    {
        if (_packs.Remove(id, out var kept))
        {
            _bytes -= kept.Size;
        }

        return kept;
    }
}

/// <summary>A pack as it was stored.</summary>
internal sealed record RecentPack(long Id, long Run, long Extracted, Slot[] Slots, KeptPayload Payload)
{
    /// <summary>Bytes, more or less.</summary>
    public long Size { get; } = Payload.Stored.Length + Slots.Sum(static s => 116L + (2 * s.Key.Length) + (2 * (s.Parent?.Length ?? 0)));

    /// <summary>A store that was put back to an earlier state may have given the same id to something else.</summary>
    public bool Became(Pack pack) => Id == pack.Id && Run == pack.Run && Extracted == pack.Extracted && Payload.Length == pack.Length && Slots.Length == pack.Slots;
}

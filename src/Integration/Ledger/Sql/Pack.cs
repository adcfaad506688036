using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Records that came together and go together. The version in slot n has the id of the pack + n.</summary>
/// <param name="Records">Slots that were not taken out.</param>
/// <param name="Length">Of the payload: the bytes of all slots, one after the other.</param>
/// <param name="FirstKey">Of a pack whose records are found by its keys; null where each has a row of <c>record</c>.</param>
/// <param name="Gone">Of a pack that is found by its keys: slots that were taken out, a bit each from the lowest of the first byte; null: none was.</param>
internal sealed record Pack(
    long Id, long Pipeline, long Run, RecordState State, int Slots, int Records, long NotBefore, long Token, int Attempts,
    long Extracted, long? Acknowledged, long? Attempt, long Payload, int Length, string? FirstKey = null, string? LastKey = null, byte[]? Gone = null)
{
    /// <summary>Longer keys stand in rows of their own: no index of either store could hold them.</summary>
    public const int LongestKey = 200;

    /// <summary>A claim reads a pack's payload at once, and what was taken out of a pack is read from its start.</summary>
    public const int MostBytes = 2 << 20;

    /// <summary>More than any batch may be, so that the pack of a version is looked for near it.</summary>
    public const int MostSlots = 100_000;

    public const string Columns =
        """
        k.id, k.pipeline_id, k.run_id, k.state, k.slots, k.records, k.not_before, k.lease_token, k.attempts,
        k.extracted_at, k.acknowledged_at, k.attempt_id, k.payload_id, k.payload_length,
        k.first_key, k.last_key, k.gone
        """;

    /// <summary>How many columns these are.</summary>
    public const int Count = 17;

    public static Pack Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), (RecordState)r.GetInt16(3), r.GetInt32(4), r.GetInt32(5), r.GetInt64(6), r.GetInt64(7), r.GetInt32(8),
        r.GetInt64(9), r.IsDBNull(10) ? null : r.GetInt64(10), r.IsDBNull(11) ? null : r.GetInt64(11), r.GetInt64(12), r.GetInt32(13),
        Stored.ReadText(r, 14), Stored.ReadText(r, 15), r.IsDBNull(16) ? null : r.GetFieldValue<byte[]>(16));

    public bool IsOrdered => FirstKey is not null;

    /// <summary>The slot of a pack that is found by its keys was taken out.</summary>
    public static bool Lacks(byte[]? gone, int slot) => gone is not null && ((gone[slot >> 3] >> (slot & 7)) & 1) != 0;

    public bool Lacks(int slot) => Lacks(Gone, slot);

    /// <returns>What <see cref="Gone"/> is once these slots are taken out too.</returns>
    public byte[] GoneWith(IEnumerable<int> slots)
    {
        var gone = Gone is null ? new byte[(Slots + 7) / 8] : [.. Gone];
        foreach (var slot in slots)
        {
            gone[slot >> 3] |= (byte)(1 << (slot & 7));
        }

        return gone;
    }

    public bool Holds(long version) => version >= Id && version < Id + Slots;

    public Place PlaceOf(in Slot slot) => new(slot.Length == 0 ? null : Payload, slot.Offset, slot.Length);

    /// <summary>The packs leased under any of the tokens, held until the transaction ends.</summary>
    public static async Task<List<Pack>> LockLeasedAsync(Session session, params long[] tokens)
    {
        var packs = new List<Pack>();
        await session.QueryAsync(
            Rows.Of("token", tokens),
            $"SELECT {Columns} FROM r CROSS JOIN pack k WHERE k.lease_token = r.token AND k.state = 1 ORDER BY k.id {session.Lock("FOR UPDATE OF k")}",
            reader => packs.Add(Read(reader)));
        return packs;
    }
}

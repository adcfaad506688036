using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>One record of a pack.</summary>
/// <param name="Offset">In the pack's payload.</param>
internal readonly record struct Slot(string Key, ContentHash Hash, int Offset, int Length, string? Parent);

/// <summary>The stored form of what stands in a pack's slots, and of the receipts for them.</summary>
internal static class Slots
{
    public static byte[] Write(IReadOnlyList<Slot> slots)
    {
        using var bytes = new MemoryStream(slots.Count * 72);
        using var writer = new BinaryWriter(bytes);
        Span<byte> digest = stackalloc byte[ContentHash.Size];
        foreach (var slot in slots)
        {
            writer.Write(slot.Key);
            slot.Hash.Write(digest);
            writer.Write(digest);
            writer.Write7BitEncodedInt(slot.Length);
            WriteText(writer, slot.Parent);
        }

        return bytes.ToArray();
    }

    public static async Task<Slot[]> ReadAsync(Session session, Pack pack) =>
        (await ReadAsync(session, [pack]))[pack.Id];

    public static async Task<Dictionary<long, Slot[]>> ReadAsync(Session session, IReadOnlyList<Pack> packs)
    {
        var counts = packs.ToDictionary(static p => p.Id, static p => p.Slots);
        var slots = new Dictionary<long, Slot[]>();
        await session.QueryAsync(
            Rows.Of("id", Rows.Column(packs, static p => p.Id)), "SELECT s.pack_id, s.bytes FROM r CROSS JOIN pack_slots s WHERE s.pack_id = r.id",
            reader => slots.Add(reader.GetInt64(0), Read(reader.GetFieldValue<byte[]>(1), counts[reader.GetInt64(0)])));
        return slots;
    }

    private static Slot[] Read(byte[] bytes, int count)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var (slots, offset) = (new Slot[count], 0);
        for (var i = 0; i < count; i++)
        {
            var key = reader.ReadString();
            var hash = ContentHash.Read(bytes.AsSpan((int)reader.BaseStream.Position, ContentHash.Size));
            reader.BaseStream.Position += ContentHash.Size;
            var length = reader.Read7BitEncodedInt();
            slots[i] = new Slot(key, hash, offset, length, ReadText(reader));
            offset += length;
        }

        return slots;
    }

    public static byte[] WriteReceipts(IReadOnlyList<string?> receipts)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var receipt in receipts)
        {
            WriteText(writer, receipt);
        }

        return bytes.ToArray();
    }

    /// <returns>One a slot; nulls when the receiver gave none.</returns>
    public static async Task<string?[]> ReadReceiptsAsync(Session session, Pack pack)
    {
        var receipts = new string?[pack.Slots];
        if (await session.FirstAsync("SELECT receipts FROM pack WHERE id = @id", static r => r.IsDBNull(0) ? null : r.GetFieldValue<byte[]>(0), ("id", pack.Id)) is { } stored)
        {
            using var reader = new BinaryReader(new MemoryStream(stored));
            for (var i = 0; i < receipts.Length; i++)
            {
                receipts[i] = ReadText(reader);
            }
        }

        return receipts;
    }

    private static void WriteText(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
        {
            writer.Write(text);
        }
    }

    private static string? ReadText(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}

using System.Buffers;
using System.Text;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>One record of a pack.</summary>
/// <param name="Offset">In the pack's payload.</param>
/// <param name="Row">Hash of the row it was made from, where it stands with the slot; zeros: none, or its row of <c>record</c> tells.</param>
internal readonly record struct Slot(string Key, ContentHash Hash, int Offset, int Length, string? Parent, Guid Row = default);

/// <summary>What stands in the slots of packs, wherever it is kept, and the stored form of it where it is not found by the keys.</summary>
internal static class Slots
{
    // A length of seven bits a byte, as BinaryWriter writes it.
    private const int MostOfLength = 5;

    public static byte[] Write(Slot[] slots)
    {
        var most = slots.Sum(static s => Most(s.Key) + ContentHash.Size + MostOfLength + 1 + (s.Parent is { } parent ? Most(parent) : 0));
        var bytes = ArrayPool<byte>.Shared.Rent(most);
        var end = 0;
        foreach (var slot in slots)
        {
            WriteString(bytes, ref end, slot.Key);
            slot.Hash.Write(bytes.AsSpan(end, ContentHash.Size));
            end += ContentHash.Size;
            WriteNumber(bytes, ref end, slot.Length);
            WriteText(bytes, ref end, slot.Parent);
        }

        var written = bytes.AsSpan(0, end).ToArray();
        ArrayPool<byte>.Shared.Return(bytes);
        return written;
    }

    public static async Task<Slot[]> ReadAsync(Session session, Pack pack) =>
        (await ReadAsync(session, [pack]))[pack.Id];

    /// <returns>Of each pack all slots, those that were taken out among them.</returns>
    public static async Task<Dictionary<long, Slot[]>> ReadAsync(Session session, IReadOnlyList<Pack> packs)
    {
        var slots = packs.ToDictionary(static p => p.Id, static p => new Slot[p.Slots]);
        await session.QueryAsync(
            Rows.Of("id", [.. packs.Where(static p => !p.IsOrdered).Select(static p => p.Id)]), "SELECT s.pack_id, s.bytes FROM r CROSS JOIN pack_slots s WHERE s.pack_id = r.id",
            reader => Read(reader.GetFieldValue<byte[]>(1), slots[reader.GetInt64(0)]));
        await OrderedSlots.ReadAsync(session, packs.Where(static p => p.IsOrdered), (pack, n, slot) => slots[pack][n] = slot);
        return slots;
    }

    private static void Read(byte[] bytes, Slot[] slots)
    {
        var (at, offset) = (0, 0);
        for (var i = 0; i < slots.Length; i++)
        {
            var key = ReadString(bytes, ref at);
            var hash = ContentHash.Read(bytes.AsSpan(at, ContentHash.Size));
            at += ContentHash.Size;
            var length = ReadNumber(bytes, ref at);
            slots[i] = new Slot(key, hash, offset, length, ReadText(bytes, ref at));
            offset += length;
        }
    }

    public static byte[] WriteReceipts(IReadOnlyList<string?> receipts)
    {
        var (bytes, end) = (new byte[receipts.Sum(static r => 1 + (r is null ? 0 : Most(r)))], 0);
        foreach (var receipt in receipts)
        {
            WriteText(bytes, ref end, receipt);
        }

        return bytes[..end];
    }

    /// <returns>Of each pack one a slot; a pack is left out when the receiver gave none.</returns>
    public static async Task<Dictionary<long, string?[]>> ReadReceiptsAsync(Session session, IReadOnlyList<Pack> packs)
    {
        var (slots, receipts) = (packs.ToDictionary(static p => p.Id, static p => p.Slots), new Dictionary<long, string?[]>());
        await session.QueryAsync(
            Rows.Of("id", Rows.Column(packs, static p => p.Id)), "SELECT k.id, k.receipts FROM r CROSS JOIN pack k WHERE k.id = r.id AND k.receipts IS NOT NULL",
            reader =>
            {
                var (stored, at) = (reader.GetFieldValue<byte[]>(1), 0);
                var given = receipts[reader.GetInt64(0)] = new string?[slots[reader.GetInt64(0)]];
                for (var i = 0; i < given.Length; i++)
                {
                    given[i] = ReadText(stored, ref at);
                }
            });
        return receipts;
    }

    private static int Most(string text) => MostOfLength + (3 * text.Length);

    private static void WriteText(byte[] bytes, ref int end, string? text)
    {
        bytes[end++] = text is null ? (byte)0 : (byte)1;
        if (text is not null)
        {
            WriteString(bytes, ref end, text);
        }
    }

    private static void WriteString(byte[] bytes, ref int end, string text)
    {
        WriteNumber(bytes, ref end, Encoding.UTF8.GetByteCount(text));
        end += Encoding.UTF8.GetBytes(text, bytes.AsSpan(end));
    }

    private static void WriteNumber(byte[] bytes, ref int end, int number)
    {
        for (var rest = (uint)number; ; rest >>= 7)
        {
            bytes[end++] = (byte)(rest > 127 ? rest | 128 : rest);
            if (rest <= 127)
            {
                return;
            }
        }
    }

    private static string? ReadText(byte[] bytes, ref int at) => bytes[at++] == 0 ? null : ReadString(bytes, ref at);

    private static string ReadString(byte[] bytes, ref int at)
    {
        var length = ReadNumber(bytes, ref at);
        var text = Encoding.UTF8.GetString(bytes, at, length);
        at += length;
        return text;
    }

    private static int ReadNumber(byte[] bytes, ref int at)
    {
        var number = 0u;
        for (var shift = 0; ; shift += 7)
        {
            number |= (uint)(bytes[at] & 127) << shift;
            if (bytes[at++] < 128)
            {
                return (int)number;
            }
        }
    }
}

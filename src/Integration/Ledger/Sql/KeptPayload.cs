namespace Integration.Ledger.Sql;

/// <summary>A pack's payload in the form in which it is stored: compressed where that is worth it.</summary>
/// <param name="Length">Of the payload itself, bytes.</param>
internal readonly record struct KeptPayload(byte[] Stored, bool IsPacked, int Length)
{
    public static KeptPayload Of(ReadOnlySpan<byte> plain) =>
        Packing.Pack(plain) is { } packed ? new(packed, true, plain.Length) : new(plain.ToArray(), false, plain.Length);

    /// <summary>The payload itself. What was packed in this process can be unpacked.</summary>
    public byte[] Read() => IsPacked ? Packing.Unpack(Stored, Length, 0, Length) ?? throw new InvalidOperationException("A payload that was just packed cannot be unpacked.") : Stored;
}

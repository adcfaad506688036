using System.IO.Hashing;

namespace Integration.Ledger.Sql;

/// <summary>A pack's payload in the form in which it is stored: compressed where that is worth it.</summary>
/// <param name="Length">Of the payload itself, bytes.</param>
/// <param name="Sum">Of the payload itself (XXH3).</param>
internal readonly record struct KeptPayload(byte[] Stored, bool IsPacked, int Length, ulong Sum)
{
    public static KeptPayload Of(ReadOnlySpan<byte> plain) => Packing.Pack(plain) is { } packed
        ? new(packed, true, plain.Length, XxHash3.HashToUInt64(plain))
        : new(plain.ToArray(), false, plain.Length, XxHash3.HashToUInt64(plain));

    /// <summary>Writes the payload itself.</summary>
    /// <param name="plain">Of its length.</param>
    /// <returns>False where it is not what was kept, so that the store must tell.</returns>
    public bool TryRead(Span<byte> plain) => (IsPacked ? Packing.TryUnpack(Stored, Length, 0, plain) : Stored.AsSpan().TryCopyTo(plain)) && XxHash3.HashToUInt64(plain) == Sum;
}

using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;

namespace Integration.Map;

/// <summary>One or two codes that find a row; the second is empty in a table with one key. Compared ordinally.</summary>
internal readonly record struct LookupKey(string First, string Second)
{
    public static readonly IEqualityComparer<Stored> Comparer = new SpanComparer();

    public Stored Store() => new(Encoding.UTF8.GetBytes(First), Encoding.UTF8.GetBytes(Second));

    /// <summary>The same key as it is found: in UTF-8.</summary>
    public sealed class Stored(byte[] first, byte[] second)
    {
        public byte[] First { get; } = first;

        public byte[] Second { get; } = second;
    }

    /// <summary>The same key where it stands in a row.</summary>
    public readonly ref struct Spans(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        public ReadOnlySpan<byte> First { get; } = first;

        public ReadOnlySpan<byte> Second { get; } = second;
    }

    private sealed class SpanComparer : IEqualityComparer<Stored>, IAlternateEqualityComparer<Spans, Stored>
    {
        public bool Equals(Stored? x, Stored? y) => x is not null && y is not null && Equals(new Spans(x.First, x.Second), y);

        public bool Equals(Spans alternate, Stored other) =>
            alternate.First.SequenceEqual(other.First) && alternate.Second.SequenceEqual(other.Second);

        public int GetHashCode([DisallowNull] Stored obj) => GetHashCode(new Spans(obj.First, obj.Second));

        public int GetHashCode(Spans alternate)
        {
            var first = XxHash3.HashToUInt64(alternate.First);
            return alternate.Second.IsEmpty ? first.GetHashCode() : HashCode.Combine(first, XxHash3.HashToUInt64(alternate.Second));
        }

        public Stored Create(Spans alternate) => new(alternate.First.ToArray(), alternate.Second.ToArray());
    }
}

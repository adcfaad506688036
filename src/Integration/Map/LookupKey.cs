using System.Diagnostics.CodeAnalysis;

namespace Integration.Map;

/// <summary>One or two codes that find a row; the second is empty in a table with one key. Compared ordinally.</summary>
internal readonly record struct LookupKey(string First, string Second)
{
    public static readonly IEqualityComparer<LookupKey> Comparer = new SpanComparer();

    /// <summary>The same key without strings.</summary>
    public readonly ref struct Spans(ReadOnlySpan<char> first, ReadOnlySpan<char> second)
    {
        public ReadOnlySpan<char> First { get; } = first;

        public ReadOnlySpan<char> Second { get; } = second;
    }

    private sealed class SpanComparer : IEqualityComparer<LookupKey>, IAlternateEqualityComparer<Spans, LookupKey>
    {
        public bool Equals(LookupKey x, LookupKey y) => x == y;

        public bool Equals(Spans alternate, LookupKey other) =>
            alternate.First.SequenceEqual(other.First) && alternate.Second.SequenceEqual(other.Second);

        public int GetHashCode([DisallowNull] LookupKey obj) => GetHashCode(new Spans(obj.First, obj.Second));

        public int GetHashCode(Spans alternate) => HashCode.Combine(string.GetHashCode(alternate.First), string.GetHashCode(alternate.Second));

        public LookupKey Create(Spans alternate) => new(alternate.First.ToString(), alternate.Second.ToString());
    }
}

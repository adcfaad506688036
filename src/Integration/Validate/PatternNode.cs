namespace Integration.Validate;

/// <summary>A part of a pattern over ASCII.</summary>
internal abstract record PatternNode
{
    /// <summary>One character of a set; bit n stands for U+n.</summary>
    public sealed record OneOf(UInt128 Set) : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    public sealed record Choice(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <param name="Most">-1: as often as there are.</param>
    public sealed record Repeat(PatternNode Part, int Least, int Most) : PatternNode;
}

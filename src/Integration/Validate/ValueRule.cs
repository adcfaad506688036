using System.Text.Json;
using Integration.Records;

namespace Integration.Validate;

/// <summary>What a value of the payload must be, compiled from its schema.</summary>
/// <param name="path">Path with <c>[]</c> in place of indexes.</param>
internal abstract class ValueRule(string path, FieldType type) : IValueTerms
{
    public string Path { get; } = path;

    public FieldType Type { get; } = type;

    /// <summary>Checks the value the reader stands on, and leaves the reader on its last token.</summary>
    public abstract ValueFacts Check(ref Utf8JsonReader reader, ref Inspection inspection);

    public virtual bool Takes(in WireText text, out long date)
    {
        date = -1;
        return false;
    }

    public virtual bool Takes(long number) => false;

    public virtual bool TakesList(int items) => false;

    protected ValueFacts RejectType(ref Utf8JsonReader reader, ref Inspection inspection, string needed)
    {
        inspection.Reject(Rules.WrongType, Path, default, needed);
        reader.Skip();
        return ValueFacts.Bad;
    }
}

/// <summary>What the object around a value needs to know of it.</summary>
/// <param name="IsBlank">The value is text without content: the wire form of "no value".</param>
/// <param name="Date">The date it holds; null when it holds none.</param>
internal readonly record struct ValueFacts(bool IsBlank, DateTime? Date)
{
    public static readonly ValueFacts Plain = new(false, null);
    public static readonly ValueFacts Bad = new(false, null);
    public static readonly ValueFacts Blank = new(true, null);
}

internal sealed class IntegerRule(string path, IReadOnlyList<long> allowed) : ValueRule(path, FieldType.Integer)
{
    public override ValueFacts Check(ref Utf8JsonReader reader, ref Inspection inspection)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value) || reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0)
        {
            return RejectType(ref reader, ref inspection, "cần số nguyên / a whole number is needed");
        }

        if (!Takes(value))
        {
            inspection.Reject(Rules.NotAllowed, Path, $"{value}", string.Join(", ", allowed));
        }

        return ValueFacts.Plain;
    }

    public override bool Takes(long number) => allowed.Count == 0 || allowed.Contains(number);
}

internal sealed class NumberRule(string path) : ValueRule(path, FieldType.Number)
{
    public override ValueFacts Check(ref Utf8JsonReader reader, ref Inspection inspection) => reader.TokenType == JsonTokenType.Number
        ? ValueFacts.Plain
        : RejectType(ref reader, ref inspection, "cần số / a number is needed");
}

internal sealed class BooleanRule(string path) : ValueRule(path, FieldType.Boolean)
{
    public override ValueFacts Check(ref Utf8JsonReader reader, ref Inspection inspection) => reader.TokenType is JsonTokenType.True or JsonTokenType.False
        ? ValueFacts.Plain
        : RejectType(ref reader, ref inspection, "cần true hoặc false / true or false is needed");
}

/// <param name="least">Fewest items; 0 when an empty list is good.</param>
internal sealed class ListRule(string path, ValueRule items, int least) : ValueRule(path, FieldType.List)
{
    public ValueRule Items { get; } = items;

    public override ValueFacts Check(ref Utf8JsonReader reader, ref Inspection inspection)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RejectType(ref reader, ref inspection, "cần danh sách / a list is needed");
        }

        var count = 0;
        inspection.EnterList();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            inspection.NextItem();
            count++;
            Items.Check(ref reader, ref inspection);
        }

        inspection.LeaveList();
        if (!TakesList(count))
        {
            inspection.Reject(Rules.TooShort, Path, default, $"{count} < {least}");
        }

        return ValueFacts.Plain;
    }

    public override bool TakesList(int items) => items >= least;
}

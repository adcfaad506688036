using Integration.Records;

namespace Integration.Map;

/// <summary>
/// Sees, while a field is written, whether the contract takes it. Where that is not certain the scope is told, and the whole record is left to the
/// contract's own check: nothing is refused here.
/// </summary>
/// <param name="terms">Null: nothing is known.</param>
/// <param name="place">In <see cref="RowScope.Dates"/>; -1: the date is compared with none.</param>
internal sealed class FieldProof(FieldTerms? terms, int place)
{
    private readonly IValueTerms? _terms = terms?.Value;
    private readonly bool _isRequired = terms?.IsRequired == true;

    // By row of the code table that the field's values stand in; null: not looked at yet.
    private bool?[] _takenRows = [];

    /// <param name="value">As it is written; empty: no value.</param>
    public void Text(RowScope scope, in WireText value)
    {
        if (value.Row >= 0 && place < 0)
        {
            Demand(scope, IsRowTaken(value));
            return;
        }

        Demand(scope, IsTaken(value, out var date));
        if (place >= 0)
        {
            scope.Dates[place] = date;
        }
    }

    public void Whole(RowScope scope, long value) => Demand(scope, _terms?.Takes(value) == true);

    /// <param name="items">How many.</param>
    public void List(RowScope scope, int items) => Demand(scope, _terms?.TakesList(items) == true);

    /// <summary>The field is left out.</summary>
    public void Omitted(RowScope scope) => Demand(scope, _terms is not null && !_isRequired);

    private bool IsRowTaken(in WireText value)
    {
        if (value.Row >= _takenRows.Length)
        {
            Array.Resize(ref _takenRows, 2 * value.Row + 16);
        }

        return _takenRows[value.Row] ??= IsTaken(value, out _);
    }

    private bool IsTaken(in WireText value, out long date)
    {
        date = -1;
        return _terms is not null && !(value.IsEmpty && _isRequired) && _terms.Takes(value, out date);
    }

    private static void Demand(RowScope scope, bool isCertain)
    {
        if (!isCertain)
        {
            scope.Doubt();
        }
    }
}

/// <summary>The fields of one object of the payload, and what the contract demands of them together.</summary>
/// <param name="isWhole">No field is lacking that the contract demands.</param>
internal sealed class ObjectFields(FieldWriter[] fields, DateOrder[] orders, bool isWhole)
{
    public void Write(RowScope scope)
    {
        foreach (var order in orders)
        {
            (scope.Dates[order.Later], scope.Dates[order.Earlier]) = (-1, -1);
        }

        foreach (var field in fields)
        {
            field.Write(scope);
        }

        var isCertain = isWhole;
        foreach (var order in orders)
        {
            isCertain &= order.Holds(scope.Dates);
        }

        if (!isCertain)
        {
            scope.Doubt();
        }
    }
}

/// <summary>Two dates of one object, by their places in <see cref="RowScope.Dates"/>: the one must not be before the other.</summary>
/// <param name="Unit">Ticks within which they are the same.</param>
internal readonly record struct DateOrder(int Later, int Earlier, long Unit)
{
    public bool Holds(long[] dates) => dates[Later] < 0 || dates[Earlier] < 0 || dates[Later] / Unit >= dates[Earlier] / Unit;
}

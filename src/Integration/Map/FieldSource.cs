using System.Globalization;
using Integration.Records;

namespace Integration.Map;

/// <summary>Where a field's value comes from, compiled.</summary>
internal abstract class FieldSource
{
    /// <param name="value">Empty when the row has no value.</param>
    /// <param name="kind">Kind of the cell the value was read from; text for what was made from several or looked up.</param>
    /// <returns>False when the value was refused; the rejection is in the scope.</returns>
    public abstract bool TryRead(RowScope scope, out ReadOnlySpan<char> value, out CellKind kind);
}

internal sealed class PlainSource(ColumnText column) : FieldSource
{
    public override bool TryRead(RowScope scope, out ReadOnlySpan<char> value, out CellKind kind) =>
        column.TryRead(scope, ref scope.First, out value, out kind);
}

/// <summary>The parts that have a value, with a text between them.</summary>
internal sealed class JoinSource(ColumnText[] parts, string join) : FieldSource
{
    public override bool TryRead(RowScope scope, out ReadOnlySpan<char> value, out CellKind kind)
    {
        kind = CellKind.Text;
        value = default;
        var isGood = true;
        var used = 0;
        foreach (var part in parts)
        {
            if (!part.TryRead(scope, ref scope.First, out var text, out _))
            {
                isGood = false;
            }
            else if (!text.IsEmpty)
            {
                var glue = used == 0 ? "" : join;
                if (scope.Joined.Length - used < glue.Length + text.Length)
                {
                    Array.Resize(ref scope.Joined, 2 * (used + glue.Length + text.Length));
                }

                glue.CopyTo(scope.Joined.AsSpan(used));
                text.CopyTo(scope.Joined.AsSpan(used + glue.Length));
                used += glue.Length + text.Length;
            }
        }

        // Two NFC texts side by side need not be NFC together.
        CleanText.Clean(scope.Joined.AsSpan(0, used), ref scope.First, out value, out _);
        return isGood;
    }
}

/// <summary>The result a code table gives for the row's code, on the row's own date.</summary>
internal sealed class LookupSource(
    LookupTable table, int result, ColumnText first, ColumnText? second, ColumnDate? asOf, string? asOfColumn, FieldPlace place) : FieldSource
{
    public override bool TryRead(RowScope scope, out ReadOnlySpan<char> value, out CellKind kind)
    {
        kind = CellKind.Text;
        value = default;
        ReadOnlySpan<char> key2 = default;
        var isRead = first.TryRead(scope, ref scope.Second, out var key, out _);
        isRead &= second is null || second.TryRead(scope, ref scope.Joined, out key2, out _);
        if (isRead && key.IsEmpty && key2.IsEmpty)
        {
            return true;
        }

        DateTime? date = null;
        isRead &= asOf is null || asOf.TryRead(scope, out date, out _);
        if (!isRead)
        {
            return false;
        }

        DateOnly? day = date is { } known ? DateOnly.FromDateTime(known) : null;
        if (table.IsDated && day is null)
        {
            place.Reject(scope, Rules.Required, default, table.Name, asOfColumn);
            return false;
        }

        var hit = table.Find(key, key2, day);
        if (hit.Outcome == LookupOutcome.Found)
        {
            value = table.Value(hit, result);
            return true;
        }

        var rule = hit.Outcome == LookupOutcome.NoRow ? Rules.LookupMissing : Rules.LookupNotValidThen;
        var detail = hit.Outcome == LookupOutcome.NoRow ? table.Name : $"{table.Name} {table.ValidityOf(key, key2)}";
        place.Reject(scope, rule, second is null ? key : $"{key}, {key2}", detail);
        return false;
    }
}

/// <summary>A date in the form the contract asks for.</summary>
internal sealed class DateSource(ColumnDate column, string format, FieldPlace place) : FieldSource
{
    private readonly bool _showsTime = DateFormat.HasTimeOfDay(format);
    private readonly bool _isDigits = DigitDate.Knows(format);

    public override bool TryRead(RowScope scope, out ReadOnlySpan<char> value, out CellKind kind)
    {
        kind = CellKind.Text;
        value = default;
        if (!column.TryRead(scope, out var date, out var hasTime))
        {
            return false;
        }

        if (date is not { } known)
        {
            return true;
        }

        if (_showsTime && !hasTime)
        {
            place.Reject(scope, Rules.BadFormat, default, $"nguồn chỉ có ngày, không có giờ ({format}) / the source gives a day without a time of day ({format})");
            return false;
        }

        int length;
        if (_isDigits)
        {
            length = DigitDate.Write(known, format, scope.First);
            value = scope.First.AsSpan(0, length);
            return true;
        }

        while (!known.TryFormat(scope.First, out length, format, CultureInfo.InvariantCulture))
        {
            Array.Resize(ref scope.First, scope.First.Length * 2);
        }

        value = scope.First.AsSpan(0, length);
        return true;
    }
}

/// <summary>Tells whether a field has a value in a row at all.</summary>
internal sealed class RowTest(ColumnText column, bool negated, IReadOnlyList<string> values)
{
    /// <returns>False when the tested value itself was refused; the rejection is in the scope.</returns>
    public bool TryHold(RowScope scope, out bool holds)
    {
        if (values.Count == 0)
        {
            var isRead = column.TryHasValue(scope, ref scope.First, out var hasValue);
            holds = hasValue != negated;
            return isRead;
        }

        holds = false;
        if (!column.TryRead(scope, ref scope.First, out var text, out _))
        {
            return false;
        }

        for (var i = 0; i < values.Count && !holds; i++)
        {
            holds = text.SequenceEqual(values[i]);
        }

        holds ^= negated;
        return true;
    }
}

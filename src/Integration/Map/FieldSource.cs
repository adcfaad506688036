using System.Globalization;
using Integration.Records;

namespace Integration.Map;

/// <summary>Where a field's value comes from, compiled.</summary>
internal abstract class FieldSource
{
    /// <param name="value">Empty when the row has no value.</param>
    /// <param name="kind">Kind of the cell the value was read from; text for what was made from several or looked up.</param>
    /// <returns>False when the value was refused; the rejection is in the scope.</returns>
    public abstract bool TryRead(RowScope scope, out WireText value, out CellKind kind);
}

internal sealed class PlainSource(ColumnText column) : FieldSource
{
    public override bool TryRead(RowScope scope, out WireText value, out CellKind kind) =>
        column.TryRead(scope, ref scope.First, out value, out kind);
}

/// <summary>The parts that have a value, with a text between them.</summary>
internal sealed class JoinSource(ColumnText[] parts, byte[] join) : FieldSource
{
    public override bool TryRead(RowScope scope, out WireText value, out CellKind kind)
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
                ReadOnlySpan<byte> glue = used == 0 ? [] : join;
                var more = glue.Length + text.Utf8.Length;
                if (scope.Joined.Length - used < more)
                {
                    Array.Resize(ref scope.Joined, 2 * (used + more));
                }

                glue.CopyTo(scope.Joined.AsSpan(used));
                text.Utf8.CopyTo(scope.Joined.AsSpan(used + glue.Length));
                used += more;
            }
        }

        // Two NFC texts side by side need not be NFC together.
        scope.Cleaner.Clean(scope.Joined.AsSpan(0, used), ref scope.First, out value, out _);
        return isGood;
    }
}

/// <summary>The result a code table gives for the row's code, on the row's own date.</summary>
internal sealed class LookupSource(
    LookupTable table, int result, ColumnText first, ColumnText? second, ColumnDate? asOf, string? asOfColumn, FieldPlace place, LastHit last) : FieldSource
{
    public override bool TryRead(RowScope scope, out WireText value, out CellKind kind)
    {
        kind = CellKind.Text;
        if (last.Turn == scope.Turn)
        {
            value = table.Value(last.Hit, result);
            return true;
        }

        value = default;
        WireText key2 = default;
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

        var hit = table.Find(key.Utf8, key2.Utf8, day);
        if (hit.Outcome == LookupOutcome.Found)
        {
            (last.Turn, last.Hit) = (scope.Turn, hit);
            value = table.Value(hit, result);
            return true;
        }

        Reject(scope, hit, key, key2);
        return false;
    }

    private void Reject(RowScope scope, LookupHit hit, in WireText key, in WireText key2)
    {
        var rule = hit.Outcome == LookupOutcome.NoRow ? Rules.LookupMissing : Rules.LookupNotValidThen;
        var detail = hit.Outcome == LookupOutcome.NoRow ? table.Name : $"{table.Name} {table.ValidityOf(key.Utf8, key2.Utf8)}";
        place.Reject(scope, rule, second is null ? key.ToString() : $"{key.ToString()}, {key2.ToString()}", detail);
    }
}

/// <summary>What was found for the row last: shared by the fields that ask one table the same and take another of its columns.</summary>
internal sealed class LastHit
{
    /// <summary>The <see cref="RowScope.Turn"/> it was found in; none before the first.</summary>
    public long Turn { get; set; } = -1;

    public LookupHit Hit { get; set; }
}

/// <summary>A date in the form the contract asks for.</summary>
internal sealed class DateSource(ColumnDate column, string format, FieldPlace place) : FieldSource
{
    private readonly bool _showsTime = DateFormat.HasTimeOfDay(format);
    private readonly bool _isDigits = DigitDate.Knows(format);

    public override bool TryRead(RowScope scope, out WireText value, out CellKind kind)
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
            value = new WireText(scope.First.AsSpan(0, length), length, isPlain: true);
            return true;
        }

        while (!known.TryFormat(scope.First, out length, format, CultureInfo.InvariantCulture))
        {
            Array.Resize(ref scope.First, scope.First.Length * 2);
        }

        value = WireText.Of(scope.First.AsSpan(0, length));
        return true;
    }
}

/// <summary>Tells whether a field has a value in a row at all.</summary>
internal sealed class RowTest(ColumnText column, bool negated, byte[][] values)
{
    /// <returns>False when the tested value itself was refused; the rejection is in the scope.</returns>
    public bool TryHold(RowScope scope, out bool holds)
    {
        if (values.Length == 0)
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

        for (var i = 0; i < values.Length && !holds; i++)
        {
            holds = text.Utf8.SequenceEqual(values[i]);
        }

        holds ^= negated;
        return true;
    }
}

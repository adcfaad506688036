using System.Globalization;
using Integration.Records;

namespace Integration.Map;

/// <summary>
/// Reads one column as clean text. Numbers are written invariantly, a flag as <c>1</c> or <c>0</c> (what the national interfaces use);
/// dates have no text of their own: they need a <c>format</c>.
/// </summary>
/// <param name="column">Name for messages.</param>
internal sealed class ColumnText(int ordinal, string column, FieldPlace place)
{
    /// <param name="text">Empty when the row has no value.</param>
    /// <returns>False when the value was refused; the rejection is in the scope.</returns>
    public bool TryRead(RowScope scope, ref char[] buffer, out ReadOnlySpan<char> text, out CellKind kind)
    {
        var cell = scope.Page[scope.Row, ordinal];
        kind = cell.Kind;
        switch (kind)
        {
            case CellKind.Null:
                text = default;
                return true;
            case CellKind.Text:
                return TryClean(scope, scope.Page.Text(cell), ref buffer, out text);
            case CellKind.Number:
                text = scope.Page.Text(cell);
                return true;
            case CellKind.Integer:
                cell.Bits.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture);
                text = buffer.AsSpan(0, length);
                return true;
            case CellKind.Boolean:
                text = cell.Bits != 0 ? "1" : "0";
                return true;
            case CellKind.Unreadable:
                text = default;
                var reason = scope.Page.Text(cell).ToString();
                place.Reject(scope, Oversize.Is(reason) ? Rules.RecordTooLarge : Rules.Unreadable, default, Oversize.Is(reason) ? Oversize.Figures(reason) : reason, column);
                return false;
            default:
                text = default;
                place.Reject(scope, Rules.BadFormat, default, "ngày giờ cần 'format' trong tệp ánh xạ / a date needs 'format' in the map", column);
                return false;
        }
    }

    /// <summary>True when the row has anything in this column that is not blank text.</summary>
    public bool TryHasValue(RowScope scope, ref char[] buffer, out bool hasValue)
    {
        if (scope.Page[scope.Row, ordinal].Kind is CellKind.Date or CellKind.LocalTime or CellKind.Instant)
        {
            hasValue = true;
            return true;
        }

        var isRead = TryRead(scope, ref buffer, out var text, out _);
        hasValue = !text.IsEmpty;
        return isRead;
    }

    private bool TryClean(RowScope scope, ReadOnlySpan<char> raw, ref char[] buffer, out ReadOnlySpan<char> text)
    {
        switch (CleanText.Clean(raw, ref buffer, out text, out var culprit))
        {
            case TextFlaw.ControlCharacter:
                place.Reject(scope, Rules.ControlCharacter, raw, $"U+{(int)culprit:X4}", column);
                return false;
            case TextFlaw.LoneSurrogate:
                place.Reject(scope, Rules.Unreadable, default, $"U+{(int)culprit:X4}", column);
                return false;
            default:
                return true;
        }
    }
}

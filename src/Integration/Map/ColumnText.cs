using System.Buffers.Text;
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
    public bool TryRead(RowScope scope, ref byte[] buffer, out WireText text, out CellKind kind)
    {
        var cell = scope.Page[scope.Row, ordinal];
        kind = cell.Kind;
        if (kind == CellKind.Text)
        {
            var raw = scope.Page.Utf8(cell);
            if (raw is [> (byte)' ', .., > (byte)' '] && PlainText.Measure(raw) is >= 0 and var length)
            {
                text = new WireText(raw, length, isPlain: true);
                return true;
            }

            return TryClean(scope, raw, ref buffer, out text);
        }

        text = default;
        return kind == CellKind.Null || TryReadOther(scope, cell, ref buffer, out text);
    }

    /// <summary>True when the row has anything in this column that is not blank text.</summary>
    public bool TryHasValue(RowScope scope, ref byte[] buffer, out bool hasValue)
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

    private bool TryReadOther(RowScope scope, Cell cell, ref byte[] buffer, out WireText text)
    {
        text = default;
        switch (cell.Kind)
        {
            case CellKind.Number:
                text = WireText.Of(scope.Page.Utf8(cell));
                return true;
            case CellKind.Integer:
                Utf8Formatter.TryFormat(cell.Bits, buffer, out var length);
                text = new WireText(buffer.AsSpan(0, length), length, isPlain: true);
                return true;
            case CellKind.Boolean:
                text = new WireText(cell.Bits != 0 ? "1"u8 : "0"u8, 1, isPlain: true);
                return true;
            case CellKind.Unreadable:
                var reason = scope.Page.Text(cell);
                place.Reject(scope, Oversize.Is(reason) ? Rules.RecordTooLarge : Rules.Unreadable, default, Oversize.Is(reason) ? Oversize.Figures(reason) : reason, column);
                return false;
            default:
                place.Reject(scope, Rules.BadFormat, default, "ngày giờ cần 'format' trong tệp ánh xạ / a date needs 'format' in the map", column);
                return false;
        }
    }

    private bool TryClean(RowScope scope, ReadOnlySpan<byte> raw, ref byte[] buffer, out WireText text)
    {
        switch (scope.Cleaner.Clean(raw, ref buffer, out text, out var culprit))
        {
            case TextFlaw.ControlCharacter:
                place.Reject(scope, Rules.ControlCharacter, Wtf8.Decode(raw), $"U+{(int)culprit:X4}", column);
                return false;
            case TextFlaw.LoneSurrogate:
                place.Reject(scope, Rules.Unreadable, default, $"U+{(int)culprit:X4}", column);
                return false;
            default:
                return true;
        }
    }
}

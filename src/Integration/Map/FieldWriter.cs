using System.Globalization;
using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>Writes one field of the payload, compiled. A field that is refused writes nothing and leaves its rejections in the scope.</summary>
internal abstract class FieldWriter
{
    public abstract void Write(RowScope scope);
}

/// <summary>A fixed value, encoded once.</summary>
/// <param name="value">What it was encoded from.</param>
internal sealed class FixedWriter(byte[] name, byte[] json, byte[] value, FieldType type, FieldProof proof) : FieldWriter
{
    public override void Write(RowScope scope)
    {
        switch (type)
        {
            case FieldType.Text:
                proof.Text(scope, WireText.Of(value));
                break;
            case FieldType.Integer when JsonScalar.TryInteger(value, CellKind.Text, out var whole):
                proof.Whole(scope, whole);
                break;
        }

        scope.Json.WriteRaw(name, json);
    }
}

/// <summary>A text, number or flag.</summary>
internal sealed class ScalarWriter(
    byte[] name, FieldPlace place, FieldType type, BlankStyle blank, FieldSource source, RowTest? when, ColumnField field, FieldProof proof) : FieldWriter
{
    private const int RoomOnStack = 512;

    private readonly int _max = field.Max ?? int.MaxValue;

    public override void Write(RowScope scope)
    {
        if (when is not null)
        {
            if (!when.TryHold(scope, out var holds))
            {
                return;
            }

            if (!holds)
            {
                WriteBlank(scope);
                return;
            }
        }

        if (!source.TryRead(scope, out var value, out var kind))
        {
            return;
        }

        if (!value.IsEmpty)
        {
            if (type == FieldType.Text)
            {
                WriteText(scope, value);
            }
            else
            {
                WriteValue(scope, value, kind);
            }
        }
        else if (field.Required)
        {
            place.Reject(scope, Rules.Required, default, null);
        }
        else
        {
            WriteBlank(scope);
        }
    }

    private void WriteBlank(RowScope scope)
    {
        if (blank == BlankStyle.Empty && type == FieldType.Text)
        {
            proof.Text(scope, default);
            scope.Json.WriteText(name, default);
        }
        else
        {
            proof.Omitted(scope);
        }
    }

    private void WriteValue(RowScope scope, in WireText value, CellKind kind)
    {
        switch (type)
        {
            case FieldType.Integer when JsonScalar.TryInteger(value.Utf8, kind, out var whole):
                proof.Whole(scope, whole);
                scope.Json.WriteNumber(name, whole);
                break;
            case FieldType.Number when kind != CellKind.Boolean && JsonScalar.IsNumber(value.Utf8):
                scope.Json.WriteRaw(name, value.Utf8);
                break;
            case FieldType.Boolean when JsonScalar.TryBoolean(value.Utf8, out var flag):
                scope.Json.WriteRaw(name, flag ? "true"u8 : "false"u8);
                break;
            case FieldType.Integer:
                place.Reject(scope, Rules.WrongType, value.ToString(), "cần số nguyên / a whole number is needed");
                break;
            case FieldType.Number:
                place.Reject(scope, Rules.WrongType, value.ToString(), "cần số / a number is needed");
                break;
            default:
                place.Reject(scope, Rules.WrongType, value.ToString(), "cần true hoặc false / true or false is needed");
                break;
        }
    }

    private void WriteText(RowScope scope, in WireText value)
    {
        if (value.Length <= _max)
        {
            proof.Text(scope, value);
            scope.Json.WriteText(name, value);
            return;
        }

        var kept = field.Cut ? Cut(value) : default;
        if (kept.IsEmpty)
        {
            place.Reject(scope, Rules.TooLong, value.ToString(), string.Create(CultureInfo.InvariantCulture, $"{value.Length} > {_max}"));
            return;
        }

        proof.Text(scope, kept);
        scope.Json.WriteText(name, kept);
    }

    // Whole characters as people see them: neither a surrogate pair nor a letter and its marks are parted.
    private WireText Cut(in WireText value)
    {
        var end = 0;
        Span<char> room = value.Utf8.Length <= RoomOnStack ? stackalloc char[RoomOnStack] : new char[value.Utf8.Length];
        var text = room[..Encoding.UTF8.GetChars(value.Utf8, room)];
        while (StringInfo.GetNextTextElementLength(text[end..]) is var next && end + next <= _max)
        {
            end += next;
        }

        var kept = text[..end].TrimEnd();
        return new WireText(value.Utf8[..Encoding.UTF8.GetByteCount(kept)], kept.Length, value.IsPlain);
    }
}

/// <summary>A list with one object a child row.</summary>
internal sealed class ListWriter(byte[] name, FieldPlace place, BlankStyle blank, string each, bool required, ObjectFields fields, FieldProof proof) : FieldWriter
{
    public override void Write(RowScope scope)
    {
        var (page, row) = (scope.Page, scope.Row);
        if (!page.Children.TryGetValue(each, out var children))
        {
            throw new InvalidOperationException($"The page has no children '{each}'.");
        }

        var (start, end) = (children.Starts[row], children.Starts[row + 1]);
        if (start == end)
        {
            WriteBlank(scope);
            return;
        }

        proof.List(scope, end - start);
        scope.Json.StartList(name);
        for (var child = start; child < end; child++)
        {
            scope.Enter(children.Rows, child, child - start);
            scope.Json.StartObject();
            fields.Write(scope);
            scope.Json.EndObject();
        }

        scope.Json.EndList();
        scope.Enter(page, row, -1);
    }

    private void WriteBlank(RowScope scope)
    {
        if (required)
        {
            place.Reject(scope, Rules.Required, default, null);
        }
        else if (blank == BlankStyle.Empty)
        {
            proof.List(scope, 0);
            scope.Json.WriteRaw(name, "[]"u8);
        }
        else
        {
            proof.Omitted(scope);
        }
    }
}

/// <summary>An object inside the payload, from the same row.</summary>
internal sealed class ObjectWriter(byte[] name, ObjectFields fields) : FieldWriter
{
    public override void Write(RowScope scope)
    {
        scope.Json.StartObject(name);
        fields.Write(scope);
        scope.Json.EndObject();
    }
}

using System.Globalization;
using System.Text.Json;
using Integration.Records;

namespace Integration.Map;

/// <summary>Writes one field of the payload, compiled. A field that is refused writes nothing and leaves its rejections in the scope.</summary>
internal abstract class FieldWriter
{
    public abstract void Write(RowScope scope);
}

/// <summary>A fixed value, encoded once.</summary>
/// <param name="value">What it was encoded from.</param>
internal sealed class FixedWriter(JsonEncodedText name, byte[] json, string value, FieldType type, FieldProof proof) : FieldWriter
{
    public override void Write(RowScope scope)
    {
        switch (type)
        {
            case FieldType.Text:
                proof.Text(scope, value);
                break;
            case FieldType.Integer when JsonScalar.TryInteger(value, CellKind.Text, out var whole):
                proof.Whole(scope, whole);
                break;
        }

        scope.Json.WritePropertyName(name);
        scope.Json.WriteRawValue(json, skipInputValidation: true);
    }
}

/// <summary>A text, number or flag.</summary>
internal sealed class ScalarWriter(
    JsonEncodedText name, FieldPlace place, FieldType type, BlankStyle blank, FieldSource source, RowTest? when, ColumnField field, FieldProof proof) : FieldWriter
{
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
            WriteValue(scope, value, kind);
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
            scope.Json.WriteString(name, default(ReadOnlySpan<char>));
        }
        else
        {
            proof.Omitted(scope);
        }
    }

    private void WriteValue(RowScope scope, ReadOnlySpan<char> value, CellKind kind)
    {
        switch (type)
        {
            case FieldType.Text:
                WriteText(scope, value);
                break;
            case FieldType.Integer when JsonScalar.TryInteger(value, kind, out var whole):
                proof.Whole(scope, whole);
                scope.Json.WriteNumber(name, whole);
                break;
            case FieldType.Number when kind != CellKind.Boolean && JsonScalar.IsNumber(value):
                scope.Json.WritePropertyName(name);
                scope.Json.WriteRawValue(value, skipInputValidation: true);
                break;
            case FieldType.Boolean when JsonScalar.TryBoolean(value, out var flag):
                scope.Json.WriteBoolean(name, flag);
                break;
            case FieldType.Integer:
                place.Reject(scope, Rules.WrongType, value, "cần số nguyên / a whole number is needed");
                break;
            case FieldType.Number:
                place.Reject(scope, Rules.WrongType, value, "cần số / a number is needed");
                break;
            default:
                place.Reject(scope, Rules.WrongType, value, "cần true hoặc false / true or false is needed");
                break;
        }
    }

    private void WriteText(RowScope scope, ReadOnlySpan<char> value)
    {
        if (value.Length > _max)
        {
            var kept = field.Cut ? Cut(value) : default;
            if (kept.IsEmpty)
            {
                place.Reject(scope, Rules.TooLong, value, string.Create(CultureInfo.InvariantCulture, $"{value.Length} > {_max}"));
                return;
            }

            value = kept;
        }

        proof.Text(scope, value);
        scope.Json.WriteString(name, value);
    }

    // Whole characters as people see them: neither a surrogate pair nor a letter and its marks are parted.
    private ReadOnlySpan<char> Cut(ReadOnlySpan<char> value)
    {
        var end = 0;
        while (StringInfo.GetNextTextElementLength(value[end..]) is var next && end + next <= _max)
        {
            end += next;
        }

        return value[..end].TrimEnd();
    }
}

/// <summary>A list with one object a child row.</summary>
internal sealed class ListWriter(JsonEncodedText name, FieldPlace place, BlankStyle blank, string each, bool required, ObjectFields fields, FieldProof proof) : FieldWriter
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
        scope.Json.WriteStartArray(name);
        for (var child = start; child < end; child++)
        {
            scope.Enter(children.Rows, child, child - start);
            scope.Json.WriteStartObject();
            fields.Write(scope);
            scope.Json.WriteEndObject();
        }

        scope.Json.WriteEndArray();
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
            scope.Json.WriteStartArray(name);
            scope.Json.WriteEndArray();
        }
        else
        {
            proof.Omitted(scope);
        }
    }
}

/// <summary>An object inside the payload, from the same row.</summary>
internal sealed class ObjectWriter(JsonEncodedText name, ObjectFields fields) : FieldWriter
{
    public override void Write(RowScope scope)
    {
        scope.Json.WriteStartObject(name);
        fields.Write(scope);
        scope.Json.WriteEndObject();
    }
}

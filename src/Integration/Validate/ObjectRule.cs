using System.Text;
using System.Text.Json;
using Integration.Records;

namespace Integration.Validate;

/// <param name="isClosed">Fields that are not listed are refused.</param>
internal sealed class ObjectRule(string path, IReadOnlyList<PropertyRule> properties, bool isClosed) : ValueRule(path, FieldType.Object)
{
    private const int FewProperties = 64;

    private readonly PropertyRule[] _properties = [.. properties];
    private readonly string _prefix = path.Length == 0 ? "" : $"{path}.";

    public IReadOnlyList<PropertyRule> Properties => _properties;

    public override ValueFacts Check(ref Utf8JsonReader reader, ref Inspection inspection)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectType(ref reader, ref inspection, "cần đối tượng / an object is needed");
        }

        var many = _properties.Length > FewProperties;
        Span<bool> seen = many ? new bool[_properties.Length] : stackalloc bool[FewProperties];
        Span<long> dates = many ? new long[_properties.Length] : stackalloc long[FewProperties];
        seen.Clear();
        dates.Fill(-1);
        var next = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var index = Find(ref reader, next);
            if (index < 0)
            {
                PassUnknown(ref reader, ref inspection);
                continue;
            }

            next = index + 1;
            var property = _properties[index];
            reader.Read();
            if (seen[index])
            {
                inspection.Reject(Rules.WrongType, property.Value.Path, default, "đứng hai lần / stands twice");
            }

            seen[index] = true;
            var facts = property.Value.Check(ref reader, ref inspection);
            dates[index] = facts.Date?.Ticks ?? -1;
            if (facts.IsBlank && property.IsRequired)
            {
                inspection.Reject(Rules.Required, property.Value.Path, default, null);
            }
        }

        CheckWhole(ref inspection, seen, dates);
        return ValueFacts.Plain;
    }

    // Payloads keep the order of their map, so the property after the last one is nearly always the right guess.
    private int Find(ref Utf8JsonReader reader, int guess)
    {
        for (var i = 0; i < _properties.Length; i++)
        {
            var index = (guess + i) % _properties.Length;
            if (reader.ValueTextEquals(_properties[index].Utf8Name))
            {
                return index;
            }
        }

        return -1;
    }

    private void PassUnknown(ref Utf8JsonReader reader, ref Inspection inspection)
    {
        if (isClosed)
        {
            inspection.Reject(Rules.UnknownField, _prefix + reader.GetString(), default, null);
        }

        reader.Skip();
    }

    private void CheckWhole(ref Inspection inspection, scoped ReadOnlySpan<bool> seen, scoped ReadOnlySpan<long> dates)
    {
        for (var i = 0; i < _properties.Length; i++)
        {
            var property = _properties[i];
            if (!seen[i] && property.IsRequired)
            {
                inspection.Reject(Rules.Required, property.Value.Path, default, null);
            }

            if (property.NotBefore >= 0 && dates[i] >= 0 && dates[property.NotBefore] >= 0)
            {
                CheckOrder(ref inspection, property, dates[i], _properties[property.NotBefore], dates[property.NotBefore]);
            }
        }
    }

    private static void CheckOrder(ref Inspection inspection, PropertyRule later, long date, PropertyRule earlier, long earliest)
    {
        // A day and a moment of that same day contradict each other in nothing.
        var unit = later.ShowsTime && earlier.ShowsTime ? 1 : TimeSpan.TicksPerDay;
        if (date / unit >= earliest / unit)
        {
            return;
        }

        var isPersonal = inspection.IsPersonal(later.Value.Path) || inspection.IsPersonal(earlier.Value.Path);
        var detail = isPersonal
            ? $"{later.Name} < {earlier.Name}"
            : $"{later.Name} {new DateTime(date):yyyy-MM-dd HH:mm:ss} < {earlier.Name} {new DateTime(earliest):yyyy-MM-dd HH:mm:ss}";
        inspection.Reject(Rules.DateOrder, later.Value.Path, default, detail);
    }
}

/// <param name="NotBefore">Place of the sibling whose date must not be later; -1: none.</param>
/// <param name="ShowsTime">The field's date has a time of day.</param>
internal sealed record PropertyRule(string Name, ValueRule Value, bool IsRequired, int NotBefore, bool ShowsTime)
{
    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(Name);
}

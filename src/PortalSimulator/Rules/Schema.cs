using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace PortalSimulator.Rules;

/// <summary>The fields one kind of object may have, at most 64. Everything else is refused.</summary>
internal sealed class Schema
{
    private readonly Field[] _fields;
    private readonly FrozenDictionary<string, int> _places;

    public Schema(string key, params Field[] fields)
    {
        Key = key;
        _fields = fields;
        _places = fields.Select((field, place) => (field, place)).ToFrozenDictionary(f => f.field.Name, f => f.place, StringComparer.Ordinal);
        Required = fields.Select((field, place) => field.Required ? 1UL << place : 0).Aggregate(0UL, (all, one) => all | one);
    }

    /// <summary>Name of the field that identifies a record; empty for objects inside a record.</summary>
    public string Key { get; }

    /// <summary>A bit for every field that must be there.</summary>
    public ulong Required { get; }

    public Field this[int place] => _fields[place];

    /// <returns>The place of the property name the reader stands on, or -1.</returns>
    public int Find(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped || reader.ValueSpan.Length > 64)
        {
            return _places.GetValueOrDefault(reader.GetString()!, -1);
        }

        Span<char> name = stackalloc char[64];
        var length = Encoding.UTF8.GetChars(reader.ValueSpan, name);
        return _places.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out var place) ? place : -1;
    }
}

using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>
/// Fills an options class from the words of a section: property names in camelCase, limits as attributes, cross-field rules by
/// <see cref="IValidatableObject"/>. Reflection happens here, once, at start.
/// </summary>
internal sealed class OptionsBinder(FaultList faults)
{
    /// <summary>Words a class understands.</summary>
    public static IReadOnlyCollection<string> Words(Type options) => [.. Properties(options).Select(WordOf)];

    /// <returns>Null when anything was wrong; every reason is among the faults.</returns>
    public object? Bind(YamlNode node, Type type, string name)
    {
        if (Section.Open(node, name, Words(type), faults) is null)
        {
            return null;
        }

        var before = faults.Count;
        var map = (YamlMap)node;
        var options = Activator.CreateInstance(type)!;
        foreach (var property in Properties(type))
        {
            if (map.Find(WordOf(property)) is { } entry)
            {
                Set(options, property, entry);
            }

            Check(options, property, map, name);
        }

        // Rules across fields would only repeat what is already said about single ones.
        if (faults.Count == before && options is IValidatableObject rules)
        {
            foreach (var result in rules.Validate(new ValidationContext(options)))
            {
                var word = result.MemberNames.Select(JsonNamingPolicy.CamelCase.ConvertName).FirstOrDefault(w => map.Find(w) is not null);
                faults.Add(new Fault(word is null ? map.At : map.Find(word)!.At, BothLanguages(result.ErrorMessage ?? "")));
            }
        }

        return faults.Count == before ? options : null;
    }

    private void Set(object options, PropertyInfo property, YamlEntry entry)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (Read(type, entry.Value, entry.Word) is { } value)
        {
            property.SetValue(options, value);
        }
    }

    private object? Read(Type type, YamlNode node, string word)
    {
        if (type.IsArray)
        {
            return ReadArray(type.GetElementType()!, node, word);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
        {
            return ReadDictionary(type, node, word);
        }

        if (!OptionValue.IsSimple(type))
        {
            return Bind(node, type, word);
        }

        if (Section.AsText(node, word, faults) is not { } text)
        {
            return null;
        }

        if (OptionValue.Parse(type, text) is { } value)
        {
            return value;
        }

        faults.Add(new Fault(node.At, OptionValue.Expected(type, word, text)));
        return null;
    }

    private Array? ReadArray(Type element, YamlNode node, string word)
    {
        var items = (node is YamlList list ? list.Items : [node]).Select(item => Read(element, item, word)).ToList();
        if (items.Contains(null))
        {
            return null;
        }

        var array = Array.CreateInstance(element, items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            array.SetValue(items[i], i);
        }

        return array;
    }

    private System.Collections.IDictionary? ReadDictionary(Type type, YamlNode node, string word)
    {
        if (node is not YamlMap map)
        {
            faults.Add(node.At, $"'{word}' phải là các cặp tên: giá trị, nhưng có {node.Kind.Vi}", $"'{word}' must be pairs of name: value, found {node.Kind.En}");
            return null;
        }

        var dictionary = (System.Collections.IDictionary)Activator.CreateInstance(type, StringComparer.Ordinal)!;
        foreach (var entry in map.Entries)
        {
            if (Read(type.GetGenericArguments()[1], entry.Value, entry.Word) is { } value)
            {
                dictionary.Add(entry.Word, value);
            }
        }

        return dictionary;
    }

    private void Check(object options, PropertyInfo property, YamlMap map, string name)
    {
        var entry = map.Find(WordOf(property));
        var value = property.GetValue(options);
        foreach (var limit in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (limit is RequiredAttribute)
            {
                if (entry is null && IsMissing(value))
                {
                    faults.Add(map.At, $"thiếu '{WordOf(property)}' trong {name}", $"'{WordOf(property)}' is missing in {name}");
                }
            }
            else if (entry is not null && !limit.IsValid(value))
            {
                faults.Add(new Fault(entry.Value.At, OptionValue.Limit(limit, WordOf(property))));
            }
        }
    }

    private static bool IsMissing(object? value) => value is null or "" or Array { Length: 0 } or System.Collections.IDictionary { Count: 0 };

    private static Text BothLanguages(string message)
    {
        var parts = message.Split(" / ", 2);
        return new(parts[0], parts[^1]);
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is { IsPublic: true }).OrderBy(p => p.MetadataToken);

    private static string WordOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}

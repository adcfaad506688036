using System.Text;
using Integration.Records;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Integration.Validate;

/// <summary>Reads <c>contract.schema.json</c>.</summary>
internal sealed class ContractFile
{
    private static readonly string[] Annotations = ["type", "title", "description", "$comment", "examples"];

    private static readonly Dictionary<string, string[]> Keywords = new(StringComparer.Ordinal)
    {
        ["string"] = ["minLength", "maxLength", "pattern", "enum", "x-date", "x-not-before"],
        ["integer"] = ["enum"],
        ["number"] = [],
        ["boolean"] = [],
        ["object"] = ["properties", "required", "additionalProperties"],
        ["array"] = ["items", "minItems"],
    };

    private readonly string _shownPath;
    private readonly ICollection<Fault> _faults;

    private ContractFile(string shownPath, ICollection<Fault> faults)
    {
        _shownPath = shownPath;
        _faults = faults;
    }

    /// <returns>Null when there was a mistake; every one of them is in <paramref name="faults"/> with its line.</returns>
    public static Contract? Read(string path, string shownPath, ICollection<Fault> faults)
    {
        var before = faults.Count;
        var file = new ContractFile(shownPath, faults);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.Add(0, "Không đọc được tệp.", "The file cannot be read.");
            return null;
        }

        var rule = file.Parse(bytes) is { } schema ? file.ReadValue(schema, "", 0) : null;
        if (rule is not null and not ObjectRule)
        {
            file.Add(1, "Gốc của lược đồ phải là 'object'.", "The root of the schema must be an 'object'.");
        }

        return faults.Count == before && rule is ObjectRule root ? new Contract(root, ContentHash.Of(bytes)) : null;
    }

    private JToken? Parse(byte[] bytes)
    {
        try
        {
            using var text = new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true));
            using var reader = new JsonTextReader(text) { DateParseHandling = DateParseHandling.None, MaxDepth = 64 };
            var schema = JToken.Load(reader, new JsonLoadSettings
            {
                LineInfoHandling = LineInfoHandling.Load,
                DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error,
            });
            while (reader.Read())
            {
                // Comments behind the schema; anything else throws.
            }

            return schema;
        }
        catch (JsonReaderException e)
        {
            Add(e.LineNumber, "Không phải JSON hợp lệ.", $"This is not valid JSON: {Masking.Outside(e.Message, 200)}");
        }
        catch (DecoderFallbackException)
        {
            Add(0, "Có byte không phải UTF-8.", "Holds bytes that are not UTF-8.");
        }

        return null;
    }

    private ValueRule? ReadValue(JToken token, string path, int lists)
    {
        if (token is not JObject schema)
        {
            Add(token, "Lược đồ của trường phải là đối tượng JSON.", "The schema of a field must be a JSON object.");
            return null;
        }

        if (schema["type"] is not JValue { Type: JTokenType.String } type || !Keywords.TryGetValue((string)type!, out var keywords))
        {
            Add(schema["type"] ?? schema, $"{Shown(path)}: 'type' phải là một trong {string.Join(", ", Keywords.Keys)}.",
                $"{Shown(path)}: 'type' must be one of {string.Join(", ", Keywords.Keys)}.");
            return null;
        }

        foreach (var property in schema.Properties().Where(p => !IsKnown(p.Name, keywords, path)))
        {
            var near = NearestWord.Of(property.Name, keywords);
            Add(property, $"{Shown(path)}: từ khóa '{property.Name}' không được hỗ trợ cho kiểu {type}{(near is null ? "" : $"; gần nhất: '{near}'")}.",
                $"{Shown(path)}: keyword '{property.Name}' is not supported for type {type}{(near is null ? "" : $"; nearest: '{near}'")}.");
        }

        return (string)type! switch
        {
            "string" => ReadText(schema, path),
            "integer" => new IntegerRule(path, [.. Allowed(schema, path, JTokenType.Integer).Select(v => (long)v)]),
            "number" => new NumberRule(path),
            "boolean" => new BooleanRule(path),
            "array" => ReadList(schema, path, lists),
            _ => ReadObject(schema, path, lists),
        };
    }

    private ObjectRule ReadObject(JObject schema, string path, int lists)
    {
        if (schema["additionalProperties"] is { } more and not JValue { Type: JTokenType.Boolean })
        {
            Add(more, $"{Shown(path)}: 'additionalProperties' phải là true hoặc false.", $"{Shown(path)}: 'additionalProperties' must be true or false.");
        }

        var fields = (schema["properties"] as JObject)?.Properties().ToList() ?? [];
        if (schema["properties"] is { } wrong and not JObject)
        {
            Add(wrong, $"{Shown(path)}: 'properties' phải là đối tượng.", $"{Shown(path)}: 'properties' must be an object.");
        }

        var names = fields.Select(f => f.Name).ToList();
        var required = ReadRequired(schema, path, names);
        var prefix = path.Length == 0 ? "" : $"{path}.";
        var properties = new List<PropertyRule>();
        foreach (var field in fields)
        {
            if (field.Name.AsSpan().IndexOfAny('.', '[', ']') >= 0)
            {
                Add(field, $"Tên trường '{field.Name}' không được chứa . [ ].", $"The field name '{field.Name}' must not hold . [ ].");
            }

            if (ReadValue(field.Value, prefix + field.Name, lists) is { } value)
            {
                var notBefore = ReadSibling(field, fields);
                properties.Add(new PropertyRule(field.Name, value, required.Contains(field.Name), notBefore, value is TextRule { DateForm: { } form } && DateForm.ShowsTime(form)));
            }
        }

        return new ObjectRule(path, properties, schema["additionalProperties"] is JValue { Value: false });
    }

    private HashSet<string> ReadRequired(JObject schema, string path, List<string> names)
    {
        var required = new HashSet<string>(StringComparer.Ordinal);
        if (schema["required"] is not { } listed)
        {
            return required;
        }

        if (listed is not JArray array)
        {
            Add(listed, $"{Shown(path)}: 'required' phải là danh sách.", $"{Shown(path)}: 'required' must be a list.");
            return required;
        }

        foreach (var name in array)
        {
            if (name is not JValue { Value: string text } || !names.Contains(text))
            {
                var near = NearestWord.Of(name.ToString(), names);
                Add(name, $"{Shown(path)}: 'required' nêu trường không có: '{name}'{(near is null ? "" : $"; gần nhất: '{near}'")}.",
                    $"{Shown(path)}: 'required' names a field that is not there: '{name}'{(near is null ? "" : $"; nearest: '{near}'")}.");
            }
            else if (!required.Add(text))
            {
                Add(name, $"{Shown(path)}: 'required' nêu '{text}' hai lần.", $"{Shown(path)}: 'required' names '{text}' twice.");
            }
        }

        return required;
    }

    // The place of the field named by x-not-before among its siblings; both must be dates.
    private int ReadSibling(JProperty field, List<JProperty> fields)
    {
        if ((field.Value as JObject)?["x-not-before"] is not { } named)
        {
            return -1;
        }

        var at = fields.FindIndex(f => named is JValue { Value: string name } && f.Name == name && f != field);
        if (at < 0 || fields[at].Value is not JObject sibling || sibling["x-date"] is null || field.Value["x-date"] is null)
        {
            var near = NearestWord.Of(named.ToString(), fields.Where(f => f != field && f.Value is JObject o && o["x-date"] is not null).Select(f => f.Name));
            Add(named, $"{field.Name}: 'x-not-before' phải nêu một trường ngày cùng cấp, và cả hai cần 'x-date'{(near is null ? "" : $"; gần nhất: '{near}'")}.",
                $"{field.Name}: 'x-not-before' must name a date beside it, and both need 'x-date'{(near is null ? "" : $"; nearest: '{near}'")}.");
            return -1;
        }

        return at;
    }

    private ListRule? ReadList(JObject schema, string path, int lists)
    {
        if (lists == Inspection.DeepestList)
        {
            Add(schema, $"{Shown(path)}: danh sách lồng quá {Inspection.DeepestList} tầng.", $"{Shown(path)}: lists lie more than {Inspection.DeepestList} deep.");
            return null;
        }

        var least = Count(schema, "minItems", path, 0);
        if (schema["items"] is not { } items)
        {
            Add(schema, $"{Shown(path)}: thiếu 'items'.", $"{Shown(path)}: 'items' is missing.");
            return null;
        }

        return ReadValue(items, $"{path}[]", lists + 1) is { } rule ? new ListRule(path, rule, least) : null;
    }

    private TextRule ReadText(JObject schema, string path)
    {
        var rule = new TextRule(path)
        {
            Least = Count(schema, "minLength", path, 0),
            Most = Count(schema, "maxLength", path, int.MaxValue),
            Pattern = Text(schema, "pattern", path) is { } pattern ? ReadPattern(schema["pattern"]!, pattern, path) : null,
            DateForm = Text(schema, "x-date", path),
            Allowed = [.. Allowed(schema, path, JTokenType.String).Select(v => (string)v!)],
        };
        if (rule.Least > rule.Most)
        {
            Add(schema["minLength"]!, $"{Shown(path)}: 'minLength' lớn hơn 'maxLength'.", $"{Shown(path)}: 'minLength' is above 'maxLength'.");
        }

        if (rule.DateForm is { } form && !DateForm.IsExact(form))
        {
            Add(schema["x-date"]!, $"{Shown(path)}: '{form}' không phải định dạng ngày chính xác (MM là tháng, mm là phút).",
                $"{Shown(path)}: '{form}' is not an exact date format (MM is the month, mm the minute).");
        }

        return rule;
    }

    private System.Text.RegularExpressions.Regex? ReadPattern(JToken at, string pattern, string path)
    {
        try
        {
            return EcmaPattern.Compile(pattern);
        }
        catch (ArgumentException)
        {
            Add(at, $"{Shown(path)}: 'pattern' không phải biểu thức chính quy hợp lệ.", $"{Shown(path)}: 'pattern' is not a valid regular expression.");
            return null;
        }
    }

    private JArray Allowed(JObject schema, string path, JTokenType type)
    {
        if (schema["enum"] is not { } listed)
        {
            return [];
        }

        if (listed is JArray { Count: > 0 } array && array.All(v => v is JValue { Value: string or long } && v.Type == type))
        {
            return array;
        }

        Add(listed, $"{Shown(path)}: 'enum' phải là danh sách giá trị đúng kiểu.", $"{Shown(path)}: 'enum' must be a list of values of the field's type.");
        return [];
    }

    private int Count(JObject schema, string keyword, string path, int otherwise)
    {
        if (schema[keyword] is not { } given)
        {
            return otherwise;
        }

        if (given is JValue { Value: long and >= 0 and <= int.MaxValue } count)
        {
            return (int)count;
        }

        Add(given, $"{Shown(path)}: '{keyword}' phải là số nguyên từ 0.", $"{Shown(path)}: '{keyword}' must be a whole number from 0.");
        return otherwise;
    }

    private string? Text(JObject schema, string keyword, string path)
    {
        if (schema[keyword] is not { } given)
        {
            return null;
        }

        if (given is JValue { Value: string text })
        {
            return text;
        }

        Add(given, $"{Shown(path)}: '{keyword}' phải là văn bản.", $"{Shown(path)}: '{keyword}' must be a text.");
        return null;
    }

    private static bool IsKnown(string keyword, string[] keywords, string path) =>
        Annotations.Contains(keyword) || keywords.Contains(keyword) || (path.Length == 0 && keyword is ("$schema" or "$id"));

    private static string Shown(string path) => path.Length == 0 ? "/" : path;

    private void Add(JToken at, string vi, string en) => Add(((IJsonLineInfo)at).LineNumber, vi, en);

    private void Add(int line, string vi, string en) => _faults.Add(new Fault(new Mark(_shownPath, line), new Text(vi, en)));
}

using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>Finds every mistake in a map that can be known without a source.</summary>
internal sealed class MapCheck(
    IReadOnlyDictionary<string, FieldType> types, IReadOnlyCollection<string> required, LookupSet lookups,
    IReadOnlyCollection<string> childNames, ICollection<Fault> faults)
{
    public void Run(MapDefinition map)
    {
        var file = map.Fields.Count == 0 ? "pipeline.yaml" : map.Fields[0].At.File;
        CheckFields(map.Fields, "", new Mark(file, 0), isInList: false);
    }

    private void CheckFields(IReadOnlyList<FieldMap> fields, string prefix, Mark at, bool isInList)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (!written.Add(field.Target))
            {
                Add(field, "được ghi hai lần.", "is written twice.");
            }
            else if (IsDirectlyIn(prefix, prefix + field.Target) && types.TryGetValue(prefix + field.Target, out var type))
            {
                CheckField(field, prefix + field.Target, type, isInList);
            }
            else
            {
                Unknown(field, "không có trong lược đồ quốc gia", "is not part of the contract", field.Target, Names(prefix));
            }
        }

        foreach (var missing in required.Where(r => IsDirectlyIn(prefix, r) && !written.Contains(r[prefix.Length..])))
        {
            faults.Add(new Fault(at, new Text($"Ánh xạ thiếu trường bắt buộc {missing}.", $"The map lacks the required field {missing}.")));
        }
    }

    private void CheckField(FieldMap field, string path, FieldType type, bool isInList)
    {
        switch (field)
        {
            case FixedField fix when type is FieldType.List or FieldType.Object || !IsWritable(fix.Value, type):
                Add(fix, $"giá trị cố định không phải {Vi(type)}.", $"the fixed value is not {En(type)}.");
                break;
            case ColumnField when type is FieldType.List:
                Add(field, "là danh sách; dùng 'each'.", "is a list; use 'each'.");
                break;
            case ColumnField when type is FieldType.Object:
                Add(field, "là đối tượng; dùng 'map'.", "is an object; use 'map'.");
                break;
            case ColumnField column:
                CheckColumns(column, type);
                break;
            case ListField when type != FieldType.List:
                Add(field, $"là {Vi(type)}, không phải danh sách.", $"is {En(type)}, not a list.");
                break;
            case ListField when types.ContainsKey($"{path}[]"):
                Add(field, "là danh sách giá trị đơn; 'each' chỉ tạo danh sách đối tượng.", "is a list of plain values; 'each' makes lists of objects only.");
                break;
            case ListField when isInList:
                Add(field, "là danh sách trong danh sách; nguồn chỉ có một tầng dòng con.", "is a list inside a list; a source has one level of child rows only.");
                break;
            case ListField list:
                CheckEach(list);
                CheckFields(list.Fields, $"{path}[].", list.At, isInList: true);
                break;
            case ObjectField when type != FieldType.Object:
                Add(field, $"là {Vi(type)}, không phải đối tượng.", $"is {En(type)}, not an object.");
                break;
            case ObjectField part:
                CheckFields(part.Fields, $"{path}.", part.At, isInList);
                break;
        }
    }

    private void CheckEach(ListField list)
    {
        if (!childNames.Contains(list.Each))
        {
            Unknown(list, $"nguồn không có dòng con '{list.Each}'", $"the source has no children '{list.Each}'", list.Each, childNames);
        }
    }

    private void CheckColumns(ColumnField field, FieldType type)
    {
        if (field.From.Count == 0)
        {
            Add(field, "thiếu 'from'.", "has no 'from'.");
        }

        if (field.From.Count > 1 && field.Join is null && field.Lookup is null)
        {
            Add(field, "có nhiều cột; cần 'join' hoặc 'lookup'.", "has several columns; 'join' or 'lookup' is needed.");
        }

        if (field.Join is not null && (field.Lookup is not null || CleanJoin(field.Join) is null))
        {
            Add(field, "'join' không đi cùng 'lookup' và không chứa ký tự điều khiển.", "'join' goes without 'lookup' and holds no control characters.");
        }

        if (field.Lookup is { } use)
        {
            CheckLookup(field, use);
        }

        CheckDate(field, type);
        CheckMax(field, type);
    }

    private void CheckLookup(ColumnField field, LookupUse use)
    {
        if (!lookups.Tables.TryGetValue(use.Table, out var table))
        {
            Unknown(field, $"không có bảng mã '{use.Table}'", $"there is no lookup '{use.Table}'", use.Table, lookups.Tables.Keys);
            return;
        }

        if (!table.Columns.Contains(use.Column))
        {
            Unknown(field, $"bảng mã {use.Table} không có cột '{use.Column}'", $"lookup {use.Table} has no column '{use.Column}'", use.Column, table.Columns);
        }

        if (table.IsDated && use.AsOf is null)
        {
            Add(field, $"bảng mã {use.Table} có ngày hiệu lực; cần 'as-of'.", $"lookup {use.Table} has validity dates; 'as-of' is needed.");
        }

        var keys = table.HasSecondKey ? 2 : 1;
        if (field.From.Count != keys)
        {
            Add(field, $"bảng mã {use.Table} cần {keys} cột, có {field.From.Count}.", $"lookup {use.Table} needs {keys} column(s), there are {field.From.Count}.");
        }
    }

    private void CheckDate(ColumnField field, FieldType type)
    {
        if (field.Format is null)
        {
            if (field.Parse is not null)
            {
                Add(field, "có 'parse' mà không có 'format'.", "has 'parse' without 'format'.");
            }

            return;
        }

        if (field.Join is not null || field.Lookup is not null || field.From.Count > 1)
        {
            Add(field, "'format' chỉ dùng cho một cột ngày, không cùng 'join' hay 'lookup'.", "'format' is for one date column, without 'join' or 'lookup'.");
        }

        if (type is FieldType.Boolean or FieldType.Number)
        {
            Add(field, $"là {Vi(type)}, không ghi được ngày.", $"is {En(type)} and cannot hold a date.");
        }

        if (DateFormat.FlawForWriting(field.Format) is { } flaw)
        {
            Add(field, flaw.Vi, flaw.En);
        }

        if (field.Parse is not null && DateFormat.FlawForReading(field.Parse) is { } unreadable)
        {
            Add(field, unreadable.Vi, unreadable.En);
        }
    }

    private void CheckMax(ColumnField field, FieldType type)
    {
        if (field.Cut && field.Max is null)
        {
            Add(field, "có 'cut' mà không có 'max'.", "has 'cut' without 'max'.");
        }

        if (field.Max is <= 0)
        {
            Add(field, "'max' phải lớn hơn 0.", "'max' must be above 0.");
        }

        if (field.Max is not null && type != FieldType.Text)
        {
            Add(field, $"là {Vi(type)}; 'max' chỉ dùng cho văn bản.", $"is {En(type)}; 'max' is for texts only.");
        }
    }

    private static string? CleanJoin(string join) => join.Length == 0 ? join : CleanText.Of($"a{join}a");

    private static bool IsWritable(string value, FieldType type) => type switch
    {
        FieldType.Text => CleanText.Of(value) is not null,
        FieldType.Integer => JsonScalar.TryInteger(Encoding.UTF8.GetBytes(value), CellKind.Text, out _),
        FieldType.Number => JsonScalar.IsNumber(Encoding.UTF8.GetBytes(value)),
        _ => JsonScalar.TryBoolean(Encoding.UTF8.GetBytes(value), out _),
    };

    /// <summary>Whether the path is that of a field of the object whose fields begin so.</summary>
    public static bool IsDirectlyIn(string prefix, string path) =>
        path.Length > prefix.Length && path.StartsWith(prefix, StringComparison.Ordinal) && path.AsSpan(prefix.Length).IndexOfAny('.', '[') < 0;

    private IEnumerable<string> Names(string prefix) => types.Keys.Where(p => IsDirectlyIn(prefix, p)).Select(p => p[prefix.Length..]);

    private void Unknown(FieldMap field, string vi, string en, string word, IEnumerable<string> known)
    {
        var near = NearestWord.Of(word, known);
        Add(field, near is null ? $"{vi}." : $"{vi}; gần nhất: '{near}'.", near is null ? $"{en}." : $"{en}; nearest: '{near}'.");
    }

    private void Add(FieldMap field, string vi, string en) => faults.Add(new Fault(field.At, new Text($"{field.Target}: {vi}", $"{field.Target}: {en}")));

    private static string Vi(FieldType type) => type switch
    {
        FieldType.Text => "văn bản",
        FieldType.Integer => "số nguyên",
        FieldType.Number => "số",
        FieldType.Boolean => "đúng/sai",
        FieldType.Object => "đối tượng",
        _ => "danh sách",
    };

    private static string En(FieldType type) => type switch
    {
        FieldType.Text => "a text",
        FieldType.Integer => "a whole number",
        FieldType.Number => "a number",
        FieldType.Boolean => "a flag",
        FieldType.Object => "an object",
        _ => "a list",
    };
}

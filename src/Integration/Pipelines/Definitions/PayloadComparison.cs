using System.Text.Json;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>Tells where a payload is not what a sample expects, field by field. The order of fields does not count, the order of lists does.</summary>
internal sealed class PayloadComparison(FaultList faults, Mark at, IReadOnlySet<string> personal)
{
    public void Compare(JsonElement expected, JsonElement actual) => Compare(expected, actual, "");

    private void Compare(JsonElement expected, JsonElement actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            CompareFields(expected, actual, path);
        }
        else if (expected.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array)
        {
            CompareItems(expected, actual, path);
        }
        else if (expected.ValueKind != actual.ValueKind || ValueOf(expected) != ValueOf(actual))
        {
            faults.Add(at, $"{path}: mẫu thử cần {Show(expected, path)}, ánh xạ cho {Show(actual, path)}", $"{path}: the sample expects {Show(expected, path)}, the map gives {Show(actual, path)}");
        }
    }

    private void CompareFields(JsonElement expected, JsonElement actual, string path)
    {
        foreach (var field in expected.EnumerateObject())
        {
            var inner = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            if (actual.TryGetProperty(field.Name, out var value))
            {
                Compare(field.Value, value, inner);
            }
            else
            {
                faults.Add(at, $"{inner}: mẫu thử có trường này, ánh xạ không cho", $"{inner}: the sample has this field, the map does not give it");
            }
        }

        foreach (var field in actual.EnumerateObject().Where(f => !expected.TryGetProperty(f.Name, out _)))
        {
            var inner = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            faults.Add(at, $"{inner}: ánh xạ cho trường này, mẫu thử không có", $"{inner}: the map gives this field, the sample does not have it");
        }
    }

    private void CompareItems(JsonElement expected, JsonElement actual, string path)
    {
        var (wanted, came) = (expected.GetArrayLength(), actual.GetArrayLength());
        if (wanted != came)
        {
            faults.Add(at, $"{path}: mẫu thử cần {wanted} phần tử, ánh xạ cho {came}", $"{path}: the sample expects {wanted} entries, the map gives {came}");
        }

        for (var i = 0; i < Math.Min(wanted, came); i++)
        {
            Compare(expected[i], actual[i], $"{path}[{i}]");
        }
    }

    // Text by what it says, anything else by how it is written: 1 and 1.0 are two things to a strict reader.
    private static string ValueOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private string Show(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => "{…}",
        JsonValueKind.Array => "[…]",
        JsonValueKind.String when PersonalField.IsListed(personal, path) => Masking.Show(value.GetString(), personal: true),
        JsonValueKind.String => $"'{Shown.Word(value.GetString())}'",
        _ => Shown.Word(value.GetRawText()),
    };
}

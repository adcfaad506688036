using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Integration.Deliver.Dvcqg;

/// <summary>Compares what the portal shows of a record with what was to be sent.</summary>
internal static class LookUpAnswer
{
    /// <param name="result"><c>result</c> of the answer: a list with the record first, the record itself, or nothing.</param>
    /// <param name="asked">The number that was asked for.</param>
    /// <param name="payload">Null for a record that is to be withdrawn: only its presence matters.</param>
    public static LookUpVerdict Judge(JToken? result, string asked, JObject? payload, DvcqgLookUp options)
    {
        var record = result switch
        {
            JArray list => list.OfType<JObject>().FirstOrDefault(e => Shown(e, options.From) is not { } number || number == asked) ?? list.OfType<JObject>().FirstOrDefault(),
            JObject one => one,
            _ => null,
        };
        if (record is null || !record.HasValues)
        {
            // "Absent" leads to a second create, so it is taken only from an answer that plainly says nothing.
            return result is JValue { Value: null } or JContainer { HasValues: false } || record is { HasValues: false } ? LookUpVerdict.Absent : LookUpVerdict.NoAnswer;
        }

        if (Shown(record, options.From) is { } other && other != asked)
        {
            return LookUpVerdict.NoAnswer;
        }

        if (payload is null)
        {
            return LookUpVerdict.PresentOnly;
        }

        return options.List is null ? Compare(record, payload, options) : Search(record, payload, options);
    }

    private static LookUpVerdict Search(JObject record, JObject payload, DvcqgLookUp options)
    {
        var wanted = PayloadFields.Read(payload, options.Match);
        var entries = record.GetValue(options.List!, StringComparison.OrdinalIgnoreCase) switch
        {
            JArray list => list.OfType<JObject>(),
            JValue { Value: null } => [],
            _ => null,
        };
        if (entries is null)
        {
            return LookUpVerdict.NoAnswer;
        }

        var shown = entries.Select(e => PayloadFields.Read(e, options.Match)).ToArray();
        if (shown.Any(e => e.SequenceEqual(wanted, StringComparer.Ordinal)))
        {
            return LookUpVerdict.Same;
        }

        // An entry that does not show what tells it apart may be the very one.
        return shown.Any(e => e.Zip(wanted).Any(f => f.First is null && f.Second is not null)) ? LookUpVerdict.NoAnswer : LookUpVerdict.Absent;
    }

    private static LookUpVerdict Compare(JObject record, JObject payload, DvcqgLookUp options)
    {
        var compared = 0;
        foreach (var (name, shown) in record)
        {
            if (shown is null or JValue { Value: null } || name.Equals(options.From, StringComparison.OrdinalIgnoreCase)
                || payload.GetValue(name, StringComparison.OrdinalIgnoreCase) is not { } ours)
            {
                continue;
            }

            if (!AreEqual(shown, ours))
            {
                return LookUpVerdict.Different;
            }

            // Two blanks agree, but prove nothing.
            compared += IsBlank(shown) ? 0 : 1;
        }

        if (compared < options.AtLeast)
        {
            return LookUpVerdict.PresentOnly;
        }

        var all = payload.Properties().All(p => IsBlank(p.Value) || record.GetValue(p.Name, StringComparison.OrdinalIgnoreCase) is { } there && there is not JValue { Value: null });
        return all ? LookUpVerdict.Same : LookUpVerdict.SameAsFarAsShown;
    }

    private static bool AreEqual(JToken shown, JToken ours) => (shown, ours) switch
    {
        (JArray a, JArray b) => SameEntries(a, b),
        (JObject a, JObject b) => SameFields(a, b),
        (JValue a, JValue b) => AreEqual(a, b),
        _ => IsBlank(shown) && IsBlank(ours),
    };

    private static bool AreEqual(JValue a, JValue b)
    {
        var (left, right) = (PayloadFields.Text(a.Value), PayloadFields.Text(b.Value));
        if (string.Equals(left, right, StringComparison.Ordinal))
        {
            return true;
        }

        if (a.Type == JTokenType.Boolean || b.Type == JTokenType.Boolean)
        {
            return string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
        }

        // "01" and "1" are two codes; 1 and "01" are one number written twice.
        return (IsNumber(a) || IsNumber(b)) && ReadNumber(left) is { } x && ReadNumber(right) is { } y && x == y;
    }

    private static bool SameFields(JObject shown, JObject ours) => shown.Properties().All(p =>
        p.Value is JValue { Value: null } || ours.GetValue(p.Name, StringComparison.OrdinalIgnoreCase) is not { } mine || AreEqual(p.Value, mine));

    // A list is a set to the portal: nothing says that it keeps the order.
    private static bool SameEntries(JArray shown, JArray ours)
    {
        if (shown.Count != ours.Count)
        {
            return false;
        }

        var left = ours.ToList();
        foreach (var entry in shown)
        {
            var at = left.FindIndex(o => AreEqual(entry, o));
            if (at < 0)
            {
                return false;
            }

            left.RemoveAt(at);
        }

        return true;
    }

    private static bool IsBlank(JToken token) => token switch
    {
        JValue value => PayloadFields.Text(value.Value) is null,
        JContainer container => !container.HasValues,
        _ => true,
    };

    private static bool IsNumber(JValue value) => value.Type is JTokenType.Integer or JTokenType.Float;

    private static decimal? ReadNumber(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Shown(JObject record, string field) => PayloadFields.Read(record, [field])[0];
}

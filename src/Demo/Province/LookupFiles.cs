using System.Globalization;

namespace Demo.Province;

/// <summary>
/// The code tables that are the province's own. Rows that the copied mappings folder brings stay, and win where both know a code: its samples
/// are written against them.
/// </summary>
internal static class LookupFiles
{
    public static void Write(string lookups, IReadOnlyList<Service> services)
    {
        Directory.CreateDirectory(lookups);
        Complete(Path.Combine(lookups, "agencies.csv"), "from,to,name,valid_from,valid_to", AgencyLines());
        Complete(Path.Combine(lookups, "procedures.csv"), "from,to,TENTTHC,MALINHVUC,TENLINHVUC,valid_from,valid_to", ProcedureLines(services));
    }

    private static void Complete(string path, string head, IEnumerable<(string Code, string Line)> made)
    {
        var kept = File.Exists(path) ? File.ReadAllLines(path) : [head];
        if (kept[0] != head)
        {
            throw new InvalidDataException($"The columns of {Path.GetFileName(path)} are not those that the sample province writes: {head}");
        }

        var known = kept.Select(line => line[..line.IndexOf(',', StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        File.WriteAllLines(path, [.. kept, .. made.Where(m => !known.Contains(m.Code)).Select(m => m.Line)]);
    }

    /// <summary>A code that has a successor stands twice: for itself until the merger, for the successor after it.</summary>
    private static IEnumerable<(string Code, string Line)> AgencyLines()
    {
        foreach (var agency in Agencies.All)
        {
            yield return (agency.Code, Line(agency.Code, agency.Code, agency.Name, Day(agency.Since), Day(agency.Until)));
            if (agency.Successor is { } successor)
            {
                yield return (agency.Code, Line(agency.Code, successor.Code, successor.Name, Day(Agencies.Merger), ""));
            }
        }
    }

    private static IEnumerable<(string Code, string Line)> ProcedureLines(IReadOnlyList<Service> services)
    {
        foreach (var service in services)
        {
            if (service.National is { } national)
            {
                yield return (service.Procedure, Line(service.Procedure, national, service.ProcedureName, service.Field.Code, service.Field.Name, "", ""));
            }
        }
    }

    private static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    private static string Line(params string[] cells) => string.Join(',', cells.Select(c => c.Contains(',') ? $"\"{c}\"" : c));
}

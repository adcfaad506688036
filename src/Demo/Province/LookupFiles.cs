using System.Globalization;

namespace Demo.Province;

/// <summary>The code tables that are the province's own, written over those of the copied mappings folder.</summary>
internal static class LookupFiles
{
    public static void Write(string lookups, IReadOnlyList<Service> services)
    {
        Directory.CreateDirectory(lookups);
        File.WriteAllLines(Path.Combine(lookups, "agencies.csv"), AgencyLines());
        File.WriteAllLines(Path.Combine(lookups, "procedures.csv"), ProcedureLines(services));
    }

    /// <summary>A code that has a successor stands twice: for itself until the merger, for the successor after it.</summary>
    private static IEnumerable<string> AgencyLines()
    {
        yield return "from,to,name,valid_from,valid_to";
        foreach (var agency in Agencies.All)
        {
            yield return Line(agency.Code, agency.Code, agency.Name, Day(agency.Since), Day(agency.Until));
            if (agency.Successor is { } successor)
            {
                yield return Line(agency.Code, successor.Code, successor.Name, Day(Agencies.Merger), "");
            }
        }
    }

    private static IEnumerable<string> ProcedureLines(IReadOnlyList<Service> services)
    {
        yield return "from,to,TENTTHC,MALINHVUC,TENLINHVUC,valid_from,valid_to";
        foreach (var service in services)
        {
            if (service.National is { } national)
            {
                yield return Line(service.Procedure, national, service.ProcedureName, service.Field.Code, service.Field.Name, "", "");
            }
        }
    }

    private static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    private static string Line(params string[] cells) => string.Join(',', cells.Select(c => c.Contains(',') ? $"\"{c}\"" : c));
}

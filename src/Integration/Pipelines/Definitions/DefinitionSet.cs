using System.Text.RegularExpressions;
using Integration.Deliver;
using Integration.Extract;
using Integration.Map;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>Everything in the mappings folder. While there is a fault nothing may run: half a configuration sends half the records.</summary>
/// <param name="Pipelines">Those without a fault of their own, by name.</param>
/// <param name="Lookups">All code tables that could be read, used or not.</param>
internal sealed partial record DefinitionSet(IReadOnlyList<PipelineDefinition> Pipelines, LookupSet Lookups, IReadOnlyList<Fault> Faults)
{
    /// <summary>No folder was looked at.</summary>
    public static readonly DefinitionSet None = new([], new LookupSet(new Dictionary<string, LookupTable>()), []);

    private const string LookupFolder = "lookups";

    /// <summary>Reads the folder. Never throws for what is in it: every mistake is a fault, with its file and line.</summary>
    /// <param name="connections">Names the configuration has; null leaves them unchecked.</param>
    public static DefinitionSet Load(
        string folder, IReadOnlyList<SourceKind> sources, IReadOnlyList<TargetKind> targets, IReadOnlyCollection<string>? connections)
    {
        var faults = new FaultList();
        var top = new Mark("mappings", 0);
        var root = Path.GetFullPath(folder);
        if (!Directory.Exists(root))
        {
            faults.Add(top, "không có thư mục ánh xạ; kiểm tra cấu hình Mappings", "there is no mappings folder; check the setting Mappings");
            return None with { Faults = faults.All };
        }

        var catalogue = new Catalogue(sources, targets, ReadLookups(root, faults), connections);
        var drafts = new List<Draft>();
        foreach (var path in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal).Where(p => !IsApart(Path.GetFileName(p))))
        {
            CheckName(Path.GetFileName(path), faults);
            drafts.Add(new PipelineReader(new PipelineFolder(path, faults), catalogue, faults).Read());
        }

        if (drafts.Count == 0)
        {
            faults.Add(top, "thư mục ánh xạ chưa có luồng đồng bộ nào", "the mappings folder holds no pipeline");
        }

        new BetweenPipelines(drafts, faults).Check();
        return new([.. drafts.Select(d => d.Definition).OfType<PipelineDefinition>()], catalogue.Lookups, faults.InOrder());
    }

    private static LookupSet ReadLookups(string root, FaultList faults)
    {
        var tables = new Dictionary<string, LookupTable>(StringComparer.Ordinal);
        var folder = Path.Combine(root, LookupFolder);
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.csv") : [];
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            var found = new List<Fault>();
            if (LookupTable.Read(file, $"{LookupFolder}/{Path.GetFileName(file)}", found) is { } table)
            {
                tables.Add(Path.GetFileNameWithoutExtension(file), table);
            }

            faults.AddRange(found);
        }

        return new LookupSet(tables);
    }

    // Names go into keys, links and the command line.
    private static void CheckName(string name, FaultList faults)
    {
        if (!NameForm().IsMatch(name))
        {
            faults.Add(new Mark(Shown.Word(name), 0), "tên thư mục luồng chỉ gồm a-z, 0-9 và dấu gạch nối, bắt đầu bằng chữ, dài nhất 40 ký tự",
                "a pipeline's folder name has only a-z, 0-9 and hyphens, begins with a letter, 40 characters at most");
        }
    }

    private static bool IsApart(string name) => name == LookupFolder || name.StartsWith('.');

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}$", RegexOptions.NonBacktracking)]
    private static partial Regex NameForm();
}

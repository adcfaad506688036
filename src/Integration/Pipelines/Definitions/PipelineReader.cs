using Integration.Extract;
using Integration.Map;
using Integration.Records;
using Integration.Validate;

namespace Integration.Pipelines.Definitions;

/// <summary>Reads one pipeline's folder. It goes on after a mistake, so that one look tells them all.</summary>
internal sealed class PipelineReader(PipelineFolder folder, Catalogue catalogue, FaultList faults)
{
    public const string FileName = "pipeline.yaml";
    private const string ContractName = "contract.schema.json";

    public Draft Read()
    {
        var before = faults.Count;
        var top = new Mark(folder.Shown(FileName), 0);
        var draft = new Draft(folder.Name);
        var samples = Samples();
        var contract = Contract();
        if (folder.Read(FileName, top) is not { } bytes || YamlFile.Read(top.File, bytes, faults) is not { } yaml)
        {
            return draft;
        }

        new SecretScan(faults).Look(yaml);
        if (Section.Open(yaml, "pipeline.yaml", Words.Pipeline, faults) is not { } words)
        {
            return draft;
        }

        var endpoints = new EndpointReader(catalogue, faults);
        var source = words.Required("source", FileName) is { } from ? endpoints.Source(from) : default;
        var target = words.Required("target", FileName) is { } to ? endpoints.Target(to) : default;
        var schedule = words.Required("schedule", FileName) is { } when ? TimetableReader.Read(when, faults) : null;
        var map = ReadMap(words, source.Options, contract);
        var personal = Personal(words, contract);
        var guard = ReadGuard(words);
        GroupAndOrder(words);
        Files(words, source.Options);

        draft = draft with { WaitsFor = WaitsFor(words), WaitsForAt = words.PlaceOf("waits-for"), TargetAt = words.PlaceOf("target"), Endpoint = Endpoint(words) };
        if (faults.Count > before || source.Options is null || target.Options is null || schedule is null || map is null || contract is null)
        {
            return draft;
        }

        var lookups = Lookups(map);
        return draft with
        {
            Definition = new PipelineDefinition
            {
                Name = folder.Name,
                Folder = folder.Path,
                Version = folder.Version(),
                SourceKind = source.Kind!,
                Source = source.Options,
                TargetKind = target.Kind!,
                Target = target.Options,
                Schedule = schedule,
                Personal = personal,
                Group = words.Text("group"),
                Order = words.Text("order"),
                WaitsFor = draft.WaitsFor,
                Guard = guard,
                Map = map,
                Contract = contract,
                Lookups = lookups,
                Samples = samples,
            },
        };
    }

    private List<string> Samples()
    {
        var path = Path.Combine(folder.Path, "samples");
        List<string> files = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal)] : [];
        if (files.Count == 0)
        {
            faults.Add(new Mark(folder.Shown("samples"), 0), "chưa có mẫu thử nào (samples/*.json); luồng không có mẫu thử thì không được chạy",
                "there are no samples (samples/*.json); a pipeline without samples does not run");
        }

        return files;
    }

    private Contract? Contract()
    {
        var found = new List<Fault>();
        var at = new Mark(folder.Shown(ContractName), 0);
        var contract = folder.Read(ContractName, at) is null ? null : Validate.Contract.Read(Path.Combine(folder.Path, ContractName), at.File, found);
        faults.AddRange(found);
        return contract;
    }

    private MapDefinition? ReadMap(Section words, SourceOptions? source, Contract? contract)
    {
        var blank = words.Text("blank");
        if (blank is not null && !Words.Blank.Contains(blank))
        {
            faults.Add(words.PlaceOf("blank"), "'blank' phải là empty hoặc omit", "'blank' must be empty or omit");
        }

        if (words.Required("map", FileName) is not { } node)
        {
            return null;
        }

        var map = new MapDefinition(new MapReader(faults).Fields(node, "map"), blank == "omit" ? BlankStyle.Omit : BlankStyle.Empty);
        if (contract is not null)
        {
            // A line that could not be understood has its own message; its field is not missing as well.
            var misread = (node as YamlMap)?.Entries.Select(e => e.Word).Except(map.Fields.Select(f => f.Target)) ?? [];
            var found = new List<Fault>();
            Mapper.Check(map, contract.Types, [.. contract.Required.Except(misread)], catalogue.Lookups,
                source?.ChildNames ?? EndpointReader.ChildNames(words.Node("source")), found);
            faults.AddRange(found);
        }

        return map;
    }

    private HashSet<string> Personal(Section words, Contract? contract)
    {
        var personal = words.Texts("personal").ToHashSet(StringComparer.Ordinal);
        if (contract is null)
        {
            return personal;
        }

        var names = contract.Types.Keys.Select(path => path.Replace("[]", "", StringComparison.Ordinal))
            .SelectMany(path => new[] { path, path[(path.LastIndexOf('.') + 1)..] }).ToHashSet(StringComparer.Ordinal);
        foreach (var name in personal.Where(p => !names.Contains(p)))
        {
            var shown = Shown.Word(name);
            var (vi, en) = Hint.Of(name, names);
            faults.Add(EndpointReader.PlaceOf(words.Node("personal")!, name),
                $"'personal' nêu trường '{shown}' không có trong lược đồ{vi}",
                $"'personal' names field '{shown}', which the contract does not have{en}");
        }

        return personal;
    }

    private Guard ReadGuard(Section words)
    {
        if (words.Node("guard") is not { } node || Section.Open(node, "guard", Words.Guard, faults) is not { } guard)
        {
            return Guard.Usual;
        }

        return new Guard(guard.Number("share", 0, 1) ?? Guard.Usual.Share, guard.Whole("count", 0, 1_000_000_000) ?? Guard.Usual.Count);
    }

    private WaitsFor? WaitsFor(Section words)
    {
        if (words.Node("waits-for") is not { } node || Section.Open(node, "waits-for", Words.WaitsFor, faults) is not { } waits)
        {
            return null;
        }

        waits.Required("pipeline", "waits-for");
        waits.Required("key", "waits-for");
        return waits.Text("pipeline") is { } pipeline && waits.Texts("key") is { Count: > 0 } key ? new WaitsFor(pipeline, key) : null;
    }

    private void GroupAndOrder(Section words)
    {
        if (words.Text("group") is null != words.Text("order") is null)
        {
            var there = words.Has("group") ? "group" : "order";
            faults.Add(words.PlaceOf(there), "'group' và 'order' phải đi cùng nhau", "'group' and 'order' go together");
        }
    }

    private void Files(Section words, SourceOptions? source)
    {
        foreach (var file in source?.Files.Distinct() ?? [])
        {
            folder.Read(file, EndpointReader.PlaceOf(words.Node("source")!, file));
        }
    }

    // Two pipelines that write to one service of one connection would overwrite each other's records.
    private static string? Endpoint(Section words) =>
        (words.Node("target") as YamlMap)?.Entries is [{ Value: YamlMap options } kind] && options.Find("service")?.Value is YamlText service &&
        options.Find("connection")?.Value is YamlText connection
            ? $"{kind.Word} {connection.Value} {service.Value}"
            : null;

    private LookupSet Lookups(MapDefinition map)
    {
        var used = TablesOf(map.Fields).Distinct().Where(catalogue.Lookups.Tables.ContainsKey).ToDictionary(name => name, name => catalogue.Lookups.Tables[name]);
        foreach (var (name, table) in used)
        {
            folder.Include($"lookups/{name}", table.Version);
        }

        return new LookupSet(used);
    }

    private static IEnumerable<string> TablesOf(IReadOnlyList<FieldMap> fields) => fields.SelectMany(field => field switch
    {
        ColumnField { Lookup: { } lookup } => [lookup.Table],
        ListField list => TablesOf(list.Fields),
        ObjectField nested => TablesOf(nested.Fields),
        _ => Array.Empty<string>(),
    });
}

/// <summary>What is known of a pipeline after its own folder was read; whole only when nothing was wrong.</summary>
internal sealed record Draft(string Name)
{
    public PipelineDefinition? Definition { get; init; }

    public WaitsFor? WaitsFor { get; init; }

    public Mark WaitsForAt { get; init; }

    public Mark TargetAt { get; init; }

    /// <summary>Kind, connection and service of the target; null when it has no service.</summary>
    public string? Endpoint { get; init; }
}

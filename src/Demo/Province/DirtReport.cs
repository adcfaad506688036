namespace Demo.Province;

/// <summary>Names of the mapping folders that the sample province fills.</summary>
internal static class PipelineNames
{
    public const string Services = "services";
    public const string Dossiers = "dossiers";
    public const string Progress = "progress";

    public static IReadOnlyList<string> All { get; } = [Services, Dossiers, Progress];
}

/// <summary>What was planted, record by record; kept beside the database as <c>planted.csv</c>.</summary>
internal sealed class DirtReport
{
    public const string FileName = "planted.csv";

    private readonly List<Planted> _planted = [];
    private readonly Dictionary<(string Pipeline, string Key), DirtKind> _byKey = [];

    public IReadOnlyList<Planted> Planted => _planted;

    public void Add(string pipeline, string key, DirtKind kind)
    {
        _planted.Add(new Planted(pipeline, key, kind));
        _byKey.Add((pipeline, key), kind);
    }

    public DirtKind? KindOf(string pipeline, string key) => _byKey.GetValueOrDefault((pipeline, key));

    public bool IsRefused(string pipeline, string key) => KindOf(pipeline, key) is { IsRefused: true };

    public int Count(string pipeline, DirtKind kind) => _planted.Count(p => p.Pipeline == pipeline && p.Kind == kind);

    public IEnumerable<string> RefusedKeys(string pipeline) => _planted.Where(p => p.Pipeline == pipeline && p.Kind.IsRefused).Select(p => p.Key);

    public void Save(string folder) => File.WriteAllLines(
        Path.Combine(folder, FileName), _planted.Select(p => $"{p.Pipeline},{p.Key},{p.Kind.Name}").Prepend("pipeline,key,kind"));

    public static DirtReport Load(string folder)
    {
        var report = new DirtReport();
        foreach (var line in File.ReadLines(Path.Combine(folder, FileName)).Skip(1))
        {
            var cells = line.Split(',');
            report.Add(cells[0], cells[1], DirtKind.All.Single(k => k.Name == cells[2]));
        }

        return report;
    }
}

internal sealed record Planted(string Pipeline, string Key, DirtKind Kind);

using Integration.Deliver;
using Integration.Extract;
using Integration.Pipelines.Definitions;

namespace Integration.Pipelines;

/// <summary>All pipelines of a worker with their sources and targets, made from checked definitions.</summary>
internal sealed class PipelineSet : IAsyncDisposable
{
    private readonly Dictionary<string, IAsyncDisposable> _shared = new(StringComparer.Ordinal);

    public IReadOnlyList<Pipeline> All { get; private init; } = [];

    public Pipeline? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    public static PipelineSet Build(IEnumerable<PipelineDefinition> definitions, IConfiguration configuration, TimeProvider clock, ILoggerFactory loggers)
    {
        var shared = new Dictionary<string, IAsyncDisposable>(StringComparer.Ordinal);
        var all = new List<Pipeline>();
        foreach (var d in definitions)
        {
            var source = d.SourceKind.Create(d.Source, new SourceContext(d.Name, d.Folder, Section(d.Source.Connection), d.Schedule.Zone, clock, loggers));
            var connection = d.Target.Connection;
            var target = d.TargetKind.Create(d.Target, new TargetContext(d.Name, connection, Section(connection)!, shared, clock, loggers));
            all.Add(new Pipeline(d, source, target));
        }

        var set = new PipelineSet { All = all };
        foreach (var (name, part) in shared)
        {
            set._shared.Add(name, part);
        }

        return set;

        IConfigurationSection? Section(string? name) => name is null ? null : configuration.GetSection($"Connections:{name}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pipeline in All)
        {
            await pipeline.DisposeAsync();
        }

        foreach (var part in _shared.Values)
        {
            await part.DisposeAsync();
        }
    }
}

using Integration.Deliver;
using Integration.Extract;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>All pipelines of a worker with their sources and targets, made from checked definitions.</summary>
internal sealed class PipelineSet : IAsyncDisposable
{
    private readonly Dictionary<string, IAsyncDisposable> _shared = new(StringComparer.Ordinal);

    public IReadOnlyList<Pipeline> All { get; init; } = [];

    public Pipeline? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    /// <exception cref="ConnectionFaultsException">Sources or targets cannot be made as they are configured; all that is wrong is told at once.</exception>
    public static PipelineSet Build(IEnumerable<PipelineDefinition> definitions, IConfiguration configuration, TimeProvider clock, ILoggerFactory loggers)
    {
        var shared = new Dictionary<string, IAsyncDisposable>(StringComparer.Ordinal);
        var all = new List<Pipeline>();
        var faults = new List<Fault>();
        foreach (var d in definitions)
        {
            // Both are tried, so that what is wrong with one does not hide what is wrong with the other.
            var target = Target(d);
            var source = Source(d);
            if (source is not null && target is not null)
            {
                all.Add(new Pipeline(d, source, target));
            }
        }

        var set = new PipelineSet { All = all };
        foreach (var (name, part) in shared)
        {
            set._shared.Add(name, part);
        }

        // Pipelines that share a connection share its mistakes.
        return faults.Count == 0 ? set : throw new ConnectionFaultsException([.. faults.Distinct()]);

        ITarget? Target(PipelineDefinition d)
        {
            try
            {
                return d.TargetKind.Create(d.Target, new TargetContext(d.Name, d.Target.Connection, Section(d.Target.Connection)!, shared, clock, loggers));
            }
            catch (SettingsException e)
            {
                faults.AddRange(e.Faults.Select(what => WorkerSettings.At($"Connections:{d.Target.Connection}", what)));
                return null;
            }
        }

        ISource? Source(PipelineDefinition d)
        {
            try
            {
                return d.SourceKind.Create(d.Source, new SourceContext(d.Name, d.Folder, Section(d.Source.Connection), d.Schedule.Zone, clock, loggers)
                {
                    RecordBytes = configuration.GetValue("Limits:RecordBytes", Oversize.UsualLimit),
                });
            }
            catch (SourceBrokenException e)
            {
                faults.Add(e.Setting is { } setting ? WorkerSettings.At(setting, e.What) : new Fault(new Mark($"{d.Name}/pipeline.yaml", 0), e.What));
                return null;
            }
        }

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

/// <summary>Connections cannot be used as they are configured. Nothing was opened yet.</summary>
internal sealed class ConnectionFaultsException(IReadOnlyList<Fault> faults) : Exception(string.Join('\n', faults.Select(f => f.What.En)))
{
    public IReadOnlyList<Fault> Faults { get; } = faults;
}

namespace Integration.Extract;

/// <summary>A kind of source that a <c>pipeline.yaml</c> may name under <c>source:</c>.</summary>
/// <param name="Name">The word in the file (<c>sql</c>, <c>csv</c>).</param>
/// <param name="Options">Class its settings are read into; property names in camelCase are the words of the file, limits are attributes.</param>
internal sealed record SourceKind(string Name, Type Options, Func<SourceOptions, SourceContext, ISource> Create);

/// <summary>What every source is told in <c>pipeline.yaml</c>.</summary>
internal abstract class SourceOptions
{
    /// <summary>Columns that make the record's key, in order.</summary>
    [System.ComponentModel.DataAnnotations.Required]
    public string[] Key { get; set; } = [];

    /// <summary>Name of a connection in the configuration; null for a source that needs none.</summary>
    public string? Connection { get; set; }

    /// <summary>Names of the child row sets that <c>each</c> may use.</summary>
    public abstract IReadOnlyCollection<string> ChildNames { get; }

    /// <summary>Files beside <c>pipeline.yaml</c> that these options name; they belong to the mapping version and must exist.</summary>
    public abstract IReadOnlyCollection<string> Files { get; }
}

/// <param name="Folder">The pipeline's folder; files named in the options lie in it.</param>
/// <param name="Connection">The settings of the named connection; null when none is named.</param>
/// <param name="Zone">The pipeline's zone, in which local times of the source are meant.</param>
internal sealed record SourceContext(
    string Pipeline, string Folder, IConfigurationSection? Connection, TimeZoneInfo Zone, TimeProvider Clock, ILoggerFactory Loggers)
{
    /// <summary>Bytes of the largest cell, and of the largest set of children, that is read; a larger one becomes unreadable.</summary>
    public int RecordBytes { get; init; } = Records.Oversize.UsualLimit;
}

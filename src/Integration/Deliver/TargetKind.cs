namespace Integration.Deliver;

/// <summary>A kind of target that a <c>pipeline.yaml</c> may name under <c>target:</c>.</summary>
/// <param name="Name">The word in the file (<c>dvcqg</c>).</param>
/// <param name="Options">Class its settings are read into; property names in camelCase are the words of the file, limits are attributes.</param>
internal sealed record TargetKind(string Name, Type Options, Func<TargetOptions, TargetContext, ITarget> Create);

/// <summary>What every target is told in <c>pipeline.yaml</c>.</summary>
internal abstract class TargetOptions
{
    /// <summary>Name of a connection in the configuration.</summary>
    [System.ComponentModel.DataAnnotations.Required]
    public string Connection { get; set; } = "";
}

/// <param name="Connection">The settings of the named connection. Sessions and pacing are shared by all pipelines of one connection.</param>
/// <param name="Shared">Makes, once a connection, what its targets share (the session, the limits): the key is the connection's name.</param>
internal sealed record TargetContext(
    string Pipeline, string ConnectionName, IConfigurationSection Connection, IDictionary<string, IAsyncDisposable> Shared, TimeProvider Clock, ILoggerFactory Loggers);

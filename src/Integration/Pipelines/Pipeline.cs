using Integration.Deliver;
using Integration.Extract;
using Integration.Pipelines.Definitions;

namespace Integration.Pipelines;

/// <summary>One pipeline at work: its definition with the source and target it was given.</summary>
internal sealed class Pipeline(PipelineDefinition definition, ISource source, ITarget target) : IAsyncDisposable
{
    public PipelineDefinition Definition { get; } = definition;

    public string Name => Definition.Name;

    public ISource Source { get; } = source;

    public ITarget Target { get; } = target;

    /// <summary>Raised when there may be something to deliver, so that a lane need not wait for its next look.</summary>
    public Signal Work { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Target.DisposeAsync();
    }
}

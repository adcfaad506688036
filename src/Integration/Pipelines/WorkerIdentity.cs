using Integration.Records;

namespace Integration.Pipelines;

/// <summary>Who is at work: a name for leases and attempts, unique among processes, and the language it speaks.</summary>
internal sealed record WorkerIdentity(string Name, Language Language)
{
    public static WorkerIdentity Create(Language language) => new($"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("n")[..6]}", language);

    /// <summary>A name for one lease: two runs of one process must keep each other out as two processes do.</summary>
    public string NewHolder() => $"{Name}/{Guid.NewGuid().ToString("n")[..8]}";

    public string Say(Text text) => text.In(Language);
}

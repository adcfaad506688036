using Integration.Records;

namespace Integration.Pipelines;

/// <summary>Who is at work: a name for leases and attempts, unique among processes, and the language it speaks.</summary>
internal sealed record WorkerIdentity(string Name, Language Language)
{
    public static WorkerIdentity Create(Language language) => new($"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("n")[..6]}", language);

    public string Say(Text text) => text.In(Language);
}

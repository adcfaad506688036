using Integration.Deliver;
using Integration.Extract;
using Integration.Ledger;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>Configuration and definitions as they were read, with every fault found in them. The start of everything the program does.</summary>
internal sealed record Workspace(IConfiguration Configuration, WorkerSettings Settings, DefinitionSet Definitions, IReadOnlyList<Fault> Faults)
{
    public static Workspace Read(IConfiguration configuration)
    {
        var faults = new List<Fault>();
        var settings = WorkerSettings.Read(configuration, faults);
        string[] connections = [.. configuration.GetSection("Connections").GetChildren().Select(c => c.Key)];
        var definitions = DefinitionSet.Load(settings.Mappings, Sources.All, Targets.All, connections);
        faults.AddRange(definitions.Faults);
        return new Workspace(configuration, settings, definitions, faults);
    }

    public ILedger OpenLedger(TimeProvider clock, ILoggerFactory loggers) =>
        LedgerFactory.Create(Settings.Ledger.Provider, ConnectionString(), clock, loggers);

    private string ConnectionString() => Settings.Ledger.PasswordFile is { } file
        ? $"{Settings.Ledger.ConnectionString};Password={File.ReadAllText(file).Trim()}"
        : Settings.Ledger.ConnectionString;
}

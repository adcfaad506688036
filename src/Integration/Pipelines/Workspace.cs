using System.Data.Common;
using Integration.Deliver;
using Integration.Extract;
using Integration.Ledger;
using Integration.Pipelines.Definitions;
using Integration.Records;
using Microsoft.Data.Sqlite;
using Npgsql;

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
        CheckLedger(settings.Ledger, faults);
        CheckMachine(faults);
        return new Workspace(configuration, settings, definitions, faults);
    }

    /// <summary>The settings alone, for what needs neither pipelines nor ledger.</summary>
    public static Workspace ReadSettings(IConfiguration configuration)
    {
        var faults = new List<Fault>();
        return new Workspace(configuration, WorkerSettings.Read(configuration, faults), DefinitionSet.None, faults);
    }

    public ILedger OpenLedger(TimeProvider clock, ILoggerFactory loggers) =>
        LedgerFactory.Create(Settings.Ledger.Provider, ConnectionString(), clock, loggers);

    // Without it nothing is composed, and the same name in two forms would be two records.
    private static void CheckMachine(List<Fault> faults)
    {
        if ("e\u0302".Normalize() != "\u00EA")
        {
            faults.Add(WorkerSettings.At("ICU", new(
                "Máy thiếu thư viện ICU nên không so được chữ có dấu. Cài gói libicu và bỏ DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.",
                "This machine lacks the ICU library, so texts with accents cannot be compared. Install libicu and take DOTNET_SYSTEM_GLOBALIZATION_INVARIANT away.")));
        }
    }

    private static void CheckLedger(LedgerSettings ledger, List<Fault> faults)
    {
        try
        {
            _ = ledger.Provider == "postgres" ? new NpgsqlConnectionStringBuilder(ledger.ConnectionString) : (DbConnectionStringBuilder)new SqliteConnectionStringBuilder(ledger.ConnectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            faults.Add(WorkerSettings.At("Ledger:ConnectionString", new(
                $"Ledger:ConnectionString không phải chuỗi kết nối {ledger.Provider} hợp lệ.", $"Ledger:ConnectionString is not a valid connection string for {ledger.Provider}.")));
        }

        if (ledger.Provider == "postgres" && faults.All(f => f.At.File != "Ledger:ConnectionString") && !LedgerFactory.MayWrite(ledger.ConnectionString))
        {
            faults.Add(WorkerSettings.At("Ledger:ConnectionString", new(
                "Ledger:ConnectionString: Target Session Attributes phải là read-write hoặc primary, vì sổ đồng bộ luôn được ghi.",
                "Ledger:ConnectionString: Target Session Attributes must be read-write or primary, since a ledger is always written.")));
        }

        if (ledger.PasswordFile is { Length: > 0 } file && !File.Exists(file))
        {
            faults.Add(WorkerSettings.At("Ledger:PasswordFile", new("Ledger:PasswordFile: không có tệp này.", "Ledger:PasswordFile: there is no such file.")));
        }
    }

    private string ConnectionString()
    {
        if (Settings.Ledger.PasswordFile is not { Length: > 0 } file)
        {
            return Settings.Ledger.ConnectionString;
        }

        // The builder quotes whatever a password may hold.
        return new DbConnectionStringBuilder { ConnectionString = Settings.Ledger.ConnectionString, ["Password"] = File.ReadAllText(file).TrimEnd('\r', '\n') }.ConnectionString;
    }
}

using Integration.Ledger.Postgres;
using Integration.Ledger.Sqlite;

namespace Integration.Ledger;

/// <summary>Makes the ledger that the configuration names.</summary>
internal static class LedgerFactory
{
    public static IReadOnlyList<string> Providers { get; } = ["sqlite", "postgres"];

    /// <summary>Whether a PostgreSQL connection string asks for a server that takes writes.</summary>
    public static bool MayWrite(string connectionString) => PostgresServers.MayWrite(connectionString);

    /// <param name="provider">One of <see cref="Providers"/>.</param>
    /// <exception cref="ArgumentException">There is no such provider, or the connection string cannot be read.</exception>
    public static ILedger Create(string provider, string connectionString, TimeProvider clock, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger("Integration.Ledger");
        return provider switch
        {
            "sqlite" => new SqliteLedger(connectionString, clock, logger),
            "postgres" => new PostgresLedger(connectionString, clock, logger),
            _ => throw new ArgumentException($"There is no ledger provider '{provider}'; known: {string.Join(", ", Providers)}.", nameof(provider)),
        };
    }
}

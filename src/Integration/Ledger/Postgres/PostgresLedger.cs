using Integration.Ledger.Sql;

namespace Integration.Ledger.Postgres;

/// <summary>The ledger on PostgreSQL, shared by any number of workers. Leases are measured by the server's clock.</summary>
/// <param name="clock">For the pause before a transaction is repeated.</param>
internal sealed class PostgresLedger(string connectionString, TimeProvider clock, ILogger logger)
    : SqlLedger(new PostgresDatabase(connectionString, clock, logger), logger);

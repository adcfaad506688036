using Integration.Ledger.Sql;

namespace Integration.Ledger.Sqlite;

/// <summary>The ledger in a file of its own: for one worker process, without a server.</summary>
/// <param name="connectionString">As of Microsoft.Data.Sqlite; <c>Default Timeout</c> (seconds) is how long it waits for another program's lock.</param>
/// <param name="clock">By which leases are measured.</param>
internal sealed class SqliteLedger(string connectionString, TimeProvider clock, ILogger logger) : SqlLedger(new SqliteDatabase(connectionString, clock), logger);

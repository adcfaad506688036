using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Integration.Tests.Crash;

/// <summary>The province's database of a harness run: written by the generator, read by the worker.</summary>
internal sealed class SourceAtRisk(string provider, string connectionString)
{
    private const string Tables = """
        CREATE TABLE dossier (dossier_no text PRIMARY KEY, owner text, summary text, note text, updated_at timestamp NOT NULL);
        CREATE TABLE step (step_id text PRIMARY KEY, dossier_no text NOT NULL, step_no integer NOT NULL, handler text, at text, content text, updated_at timestamp NOT NULL);
        CREATE TABLE service (service_code text PRIMARY KEY, name text);
        CREATE INDEX dossier_updated ON dossier (updated_at, dossier_no);
        CREATE INDEX step_updated ON step (updated_at, step_id);
        """;

    public string Provider => provider;

    public string ConnectionString => connectionString;

    /// <summary>Transactions of several writers may be open at once, and commit in another order than they began.</summary>
    public bool HasManyWriters => provider == "postgres";

    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await RunAsync(connection, null, (provider == "sqlite" ? "PRAGMA journal_mode = WAL;" : "") + Tables, cancellationToken);
    }

    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        DbConnection connection = provider == "sqlite" ? new SqliteConnection(connectionString) : new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        if (provider == "sqlite")
        {
            await RunAsync(connection, null, "PRAGMA synchronous = OFF", cancellationToken);
        }

        return connection;
    }

    /// <summary>A moment as a column of stamps holds it: few digits, so that many rows share one.</summary>
    public object Stamp(DateTime moment) => provider == "sqlite" ? moment.ToString("yyyy-MM-dd HH:mm:ss.f", CultureInfo.InvariantCulture) : moment;

    public static DateTime Now() => new(TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Unspecified);

    public static Task RunAsync(DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellationToken) =>
        RunAsync(connection, transaction, sql, [], cancellationToken);

    public static async Task RunAsync(DbConnection connection, DbTransaction? transaction, string sql, (string Name, object? Value)[] values, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Sessions of workers that are still there; a killed one must not stay behind.</summary>
    public async Task<long> SessionsOfWorkersAsync(CancellationToken cancellationToken)
    {
        if (provider == "sqlite")
        {
            return 0;
        }

        await using var connection = await OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'integration%'";
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

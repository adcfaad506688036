using System.Data.Common;
using Integration.Records;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Integration.Tests.Crash;

/// <summary>A ledger's state rows as they stand in its tables, told without the product's own code.</summary>
/// <param name="States">Versions by pipeline and state.</param>
/// <param name="Keys">Distinct keys by pipeline.</param>
/// <param name="LastToken">The highest token any version was ever leased with.</param>
/// <param name="LeasedSince">Versions leased with a token above the one given.</param>
/// <param name="Orphans">Versions leased with a token whose claim is gone, or had run out at the moment given.</param>
/// <param name="RunsUnderWay">Runs that began and have not ended.</param>
internal sealed record LedgerLook(
    IReadOnlyDictionary<(string Pipeline, RecordState State), long> States, IReadOnlyDictionary<string, long> Keys,
    long LastToken, long LeasedSince, long Orphans, long RunsUnderWay)
{
    public static readonly LedgerLook Nothing = new(new Dictionary<(string, RecordState), long>(), new Dictionary<string, long>(), 0, 0, 0, 0);

    public long Count(RecordState state) => States.Where(s => s.Key.State == state).Sum(s => s.Value);

    public long Count(string pipeline, RecordState state) => States.GetValueOrDefault((pipeline, state));

    public long Extracted(string pipeline) => States.Where(s => s.Key.Pipeline == pipeline).Sum(s => s.Value);

    public override string ToString() => string.Join("; ", States.OrderBy(s => s.Key.Pipeline, StringComparer.Ordinal).ThenBy(s => s.Key.State)
        .GroupBy(s => s.Key.Pipeline).Select(g => $"{g.Key} {string.Join(' ', g.Select(s => $"{s.Key.State}={s.Value}"))}"));

    /// <param name="token">See <see cref="LeasedSince"/>.</param>
    /// <param name="at">See <see cref="Orphans"/>.</param>
    /// <returns><see cref="Nothing"/> while the ledger has no tables.</returns>
    public static async Task<LedgerLook> TakeAsync(DbConnection ledger, long token, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            await ledger.OpenAsync(cancellationToken);
            await using var transaction = await ledger.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellationToken);
            return await ReadAsync(ledger, transaction, token, at, cancellationToken);
        }
        catch (Exception e) when (e is SqliteException { SqliteErrorCode: 1 or 14 } or PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
        {
            return Nothing;
        }
    }

    private static async Task<LedgerLook> ReadAsync(
        DbConnection ledger, DbTransaction transaction, long token, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var states = new Dictionary<(string, RecordState), long>();
        var keys = new Dictionary<string, long>(StringComparer.Ordinal);

        // As every transaction of the product does: one step of the schema is waited for as a whole, and not met table by table.
        await NumberAsync("SELECT coalesce(max(version), 0) FROM schema_version");
        await QueryAsync(
            "SELECT p.name, v.state, count(*) FROM every_version v JOIN pipeline p ON p.id = v.pipeline_id GROUP BY p.name, v.state",
            r => states.Add((r.GetString(0), (RecordState)r.GetInt16(1)), r.GetInt64(2)));
        await QueryAsync(
            "SELECT p.name, count(DISTINCT v.key) FROM every_version v JOIN pipeline p ON p.id = v.pipeline_id GROUP BY p.name",
            r => keys.Add(r.GetString(0), r.GetInt64(1)));
        return new LedgerLook(
            states, keys,
            await NumberAsync("SELECT coalesce(max(lease_token), 0) FROM every_version"),
            await NumberAsync($"SELECT count(*) FROM every_version WHERE state = 1 AND lease_token > {token}"),
            await NumberAsync(
                $"""
                SELECT count(*) FROM every_version v
                WHERE v.state = 1 AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.token = v.lease_token AND c.until > {at.ToUnixTimeMilliseconds() * 1000})
                """),
            await NumberAsync("SELECT count(*) FROM run WHERE outcome = 0"));

        async Task QueryAsync(string sql, Action<DbDataReader> row)
        {
            await using var command = ledger.CreateCommand();
            (command.CommandText, command.Transaction) = (sql, transaction);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                row(reader);
            }
        }

        async Task<long> NumberAsync(string sql)
        {
            var number = 0L;
            await QueryAsync(sql, r => number = r.GetInt64(0));
            return number;
        }
    }
}

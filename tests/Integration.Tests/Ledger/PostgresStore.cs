using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Integration.Ledger;
using Integration.Ledger.Sql;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Integration.Tests.Ledger;

internal sealed class PostgresStore(string connection) : LedgerStore
{
    private long _ahead;

    public string Connection { get; } = $"{connection};Maximum Pool Size=8";

    internal override ILedger Connect() => LedgerFactory.Create("postgres", Connection, TimeProvider.System, NullLoggerFactory.Instance);

    public override async Task AdvanceAsync(TimeSpan by)
    {
        _ahead += (long)by.TotalMicroseconds;
        await SqlAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"CREATE OR REPLACE FUNCTION ledger_now() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT (extract(epoch FROM now()) * 1000000)::bigint + {_ahead}'"));
    }

    public override async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{Connection};Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public override string Key(string key) => $"'{Stored.Hash(key)}'";

    public override string Hash(string payload) => $@"'\x{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(payload)))}'";

    protected override string Schema => "postgres";

    // The database goes with its cluster.
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

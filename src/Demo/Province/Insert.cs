using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Demo.Province;

/// <summary>One prepared INSERT of the one-stop database.</summary>
internal sealed class Insert : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;

    public Insert(SqliteTransaction transaction, string table, int columns)
    {
        _command = transaction.Connection!.CreateCommand();
        _command.Transaction = transaction;
        _parameters = [.. Enumerable.Range(0, columns).Select(i => new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"@{i}") })];
        _command.Parameters.AddRange(_parameters);

        // Table and column count come from this program alone.
#pragma warning disable CA2100
        _command.CommandText = $"INSERT INTO {table} VALUES ({string.Join(',', _parameters.Select(p => p.ParameterName))})";
#pragma warning restore CA2100
        _command.Prepare();
    }

    public void Row(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _parameters[i].Value = values[i] switch
            {
                null => DBNull.Value,
                DateTime at => Stamp(at),
                bool flag => flag ? 1 : 0,
                var value => value,
            };
        }

        _command.ExecuteNonQuery();
    }

    /// <summary>Wall clock time as the one-stop system keeps it.</summary>
    public static string Stamp(DateTime at) => at.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    public void Dispose() => _command.Dispose();
}

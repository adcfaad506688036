using Integration.Ledger.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Integration.Ledger.Postgres;

/// <summary>Many rows by one COPY. Values go as they are: what stands in a <see cref="Rows"/> has the type of its column.</summary>
internal static class PostgresCopy
{
    public static async Task RunAsync(NpgsqlConnection connection, string sql, Rows rows, (string Name, object? Value)[] same, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(sql, cancellationToken);
        for (var row = 0; row < rows.Count; row++)
        {
            await copy.StartRowAsync(cancellationToken);
            foreach (var (_, value) in same)
            {
                await (value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, cancellationToken));
            }

            foreach (var column in rows.Columns)
            {
                await WriteAsync(copy, column, row, cancellationToken);
            }
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static Task WriteAsync(NpgsqlBinaryImporter copy, Column column, int row, CancellationToken cancellationToken) => column.Values switch
    {
        long[] values => copy.WriteAsync(values[row], NpgsqlDbType.Bigint, cancellationToken),
        int[] values => copy.WriteAsync(values[row], NpgsqlDbType.Integer, cancellationToken),
        short[] values => copy.WriteAsync(values[row], NpgsqlDbType.Smallint, cancellationToken),
        bool[] values => copy.WriteAsync(values[row], NpgsqlDbType.Boolean, cancellationToken),
        Guid[] values => copy.WriteAsync(values[row], NpgsqlDbType.Uuid, cancellationToken),
        byte[][] values => copy.WriteAsync(values[row], NpgsqlDbType.Bytea, cancellationToken),
        string?[] values when values[row] is { } text => copy.WriteAsync(text, NpgsqlDbType.Text, cancellationToken),
        long?[] values when values[row] is { } number => copy.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken),
        Guid?[] values when values[row] is { } id => copy.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken),
        _ => copy.WriteNullAsync(cancellationToken),
    };
}

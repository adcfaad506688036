using System.Text;
using Integration.Ledger.Sql;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Integration.Ledger.Sqlite;

/// <summary>
/// A statement run once a row, on the library's own interface: by way of commands and readers the same costs several times as much, and these are
/// run for every record.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly SqliteRow _row;

    public SqliteStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _row = new SqliteRow(_statement);
    }

    /// <param name="read">Null when no rows are expected.</param>
    /// <returns>How many rows were changed.</returns>
    public int Run(Rows rows, (string Name, object? Value)[] same, Action<System.Data.Common.DbDataReader>? read)
    {
        foreach (var (name, value) in same)
        {
            Bind(Place(name), value);
        }

        var columns = rows.Columns.Select(c => (Place: Place(c.Name), c.Values)).ToArray();
        var before = raw.sqlite3_total_changes(_connection);
        try
        {
            for (var i = 0; i < rows.Count; i++)
            {
                foreach (var (place, values) in columns)
                {
                    Bind(place, values, i);
                }

                Step(read);
            }
        }
        finally
        {
            // What was bound may be large.
            raw.sqlite3_reset(_statement);
            raw.sqlite3_clear_bindings(_statement);
        }

        return raw.sqlite3_total_changes(_connection) - before;
    }

    public void Dispose() => _statement.Dispose();

    private void Step(Action<System.Data.Common.DbDataReader>? read)
    {
        int rc;
        while ((rc = raw.sqlite3_step(_statement)) == raw.SQLITE_ROW)
        {
            read?.Invoke(_row);
        }

        if (rc != raw.SQLITE_DONE)
        {
            Check(rc);
        }

        raw.sqlite3_reset(_statement);
    }

    // 0: the statement does not name it.
    private int Place(string name) => raw.sqlite3_bind_parameter_index(_statement, $"@{name}");

    private void Bind(int place, Array values, int i)
    {
        switch (values)
        {
            case long[] longs:
                Bind(place, longs[i]);
                break;
            case int[] ints:
                Bind(place, ints[i]);
                break;
            case short[] shorts:
                Bind(place, shorts[i]);
                break;
            case bool[] bools:
                Bind(place, bools[i] ? 1 : 0);
                break;
            case Guid[] ids:
                Bind(place, ids[i]);
                break;
            case string?[] texts:
                Bind(place, texts[i]);
                break;
            default:
                Bind(place, values.GetValue(i));
                break;
        }
    }

    private void Bind(int place, object? value)
    {
        switch (value)
        {
            case null:
                Bind(place, (string?)null);
                break;
            case byte[] bytes:
                Checked(place, place == 0 ? 0 : bytes.Length == 0 ? raw.sqlite3_bind_zeroblob(_statement, place, 0) : raw.sqlite3_bind_blob(_statement, place, bytes));
                break;
            case string text:
                Bind(place, text);
                break;
            case Guid id:
                Bind(place, id);
                break;
            case bool yes:
                Bind(place, yes ? 1 : 0);
                break;
            default:
                Bind(place, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    private void Bind(int place, long value) => Checked(place, place == 0 ? 0 : raw.sqlite3_bind_int64(_statement, place, value));

    private void Bind(int place, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        Checked(place, place == 0 ? 0 : raw.sqlite3_bind_blob(_statement, place, bytes));
    }

    private void Bind(int place, string? text)
    {
        if (place == 0)
        {
            return;
        }

        if (text is null)
        {
            Check(raw.sqlite3_bind_null(_statement, place));
        }
        else if (text.Length is > 0 and <= 256)
        {
            Span<byte> utf8 = stackalloc byte[text.Length * 3];
            Check(raw.sqlite3_bind_text(_statement, place, utf8[..Encoding.UTF8.GetBytes(text, utf8)]));
        }
        else
        {
            Check(raw.sqlite3_bind_text(_statement, place, text));
        }
    }

    private void Checked(int place, int rc)
    {
        if (place != 0)
        {
            Check(rc);
        }
    }

    private void Check(int rc) => SqliteException.ThrowExceptionForRC(rc, _connection);
}

using System.Globalization;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Demo.Province;

/// <summary>One prepared INSERT of the one-stop database. It binds by position: by name, binding costs more than all the rest.</summary>
internal sealed class Insert : IDisposable
{
    private readonly SQLitePCL.sqlite3_stmt _statement;

    public Insert(SqliteConnection connection, string table, int columns) => Check(
        sqlite3_prepare_v2(connection.Handle, $"INSERT INTO {table} VALUES ({string.Join(',', Enumerable.Repeat('?', columns))})", out _statement));

    public void Row(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(Bind(i + 1, values[i]));
        }

        if (sqlite3_step(_statement) != SQLITE_DONE)
        {
            Check(sqlite3_reset(_statement));
        }

        Check(sqlite3_reset(_statement));
    }

    /// <summary>Wall clock time as the one-stop system keeps it.</summary>
    public static string Stamp(DateTime at) => at.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    public void Dispose() => _statement.Dispose();

    private int Bind(int place, object? value) => value switch
    {
        null => sqlite3_bind_null(_statement, place),
        string text => sqlite3_bind_text16(_statement, place, text),
        DateTime at => BindStamp(place, at),
        bool flag => sqlite3_bind_int(_statement, place, flag ? 1 : 0),
        int number => sqlite3_bind_int(_statement, place, number),
        _ => throw new ArgumentException($"No column holds a {value.GetType().Name}.", nameof(value)),
    };

    private int BindStamp(int place, DateTime at)
    {
        Span<byte> stamp = stackalloc byte[26];
        at.TryFormat(stamp, out _, "yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        return sqlite3_bind_text(_statement, place, stamp);
    }

    private static void Check(int code)
    {
        if (code != SQLITE_OK)
        {
            throw new SqliteException($"The sample province cannot be written (SQLite error {code}).", code);
        }
    }
}

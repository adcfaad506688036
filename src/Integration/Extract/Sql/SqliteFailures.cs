using Integration.Records;
using Microsoft.Data.Sqlite;

namespace Integration.Extract.Sql;

/// <summary>What a failure of SQLite means to an operator.</summary>
internal sealed class SqliteFailures(string connection)
{
    private const int Error = 1, Busy = 5, Locked = 6, ReadOnly = 8, Interrupted = 9, InputOutput = 10, Full = 13, CannotOpen = 14, Protocol = 15;

    /// <returns>Null when it is no failure of the database.</returns>
    public Exception? Tell(Exception failure) => failure is not SqliteException e ? null : e.SqliteErrorCode switch
    {
        // What this code says names columns, tables and words of the query, never values of rows.
        Error => Broken("truy vấn không hợp lệ với cơ sở dữ liệu này", "the query does not fit this database", Masking.Outside(e.Message, 200), e),
        ReadOnly => Broken("truy vấn cố ghi dữ liệu; chỉ được đọc", "the query tries to write; it may only read", $"SQLite {e.SqliteErrorCode}", e),
        Busy or Locked or Interrupted or InputOutput or Full or CannotOpen or Protocol => new SourceUnavailableException(new Text(
            $"Kết nối {connection}: không mở hoặc không đọc được tệp SQLite (mã {e.SqliteErrorCode}); lượt sau thử lại.",
            $"Connection {connection}: the SQLite file cannot be opened or read (code {e.SqliteErrorCode}); the next run tries again."), e),
        _ => Broken("tệp SQLite hỏng hoặc không phải SQLite", "the file is damaged or not SQLite", $"SQLite {e.SqliteErrorCode}", e),
    };

    private SourceBrokenException Broken(string vi, string en, string said, SqliteException e) =>
        new(new Text($"Kết nối {connection}: {vi} ({said}).", $"Connection {connection}: {en} ({said})."), e);
}

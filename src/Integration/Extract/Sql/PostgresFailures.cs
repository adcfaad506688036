using System.Net.Sockets;
using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>What a failure of PostgreSQL means to an operator. Values of rows never get into a message.</summary>
internal sealed class PostgresFailures(string connection)
{
    /// <returns>Null when it is no failure of the database, or one told already.</returns>
    public Exception? Tell(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        SourceBrokenException or SourceUnavailableException => null,
        NpgsqlException or SocketException or IOException or TimeoutException when cancellationToken.IsCancellationRequested =>
            new OperationCanceledException("The reading was given up.", failure, cancellationToken),
        _ when cancellationToken.IsCancellationRequested => null,
        PostgresException e => Tell(e),
        NpgsqlException or SocketException or IOException or TimeoutException or OperationCanceledException => Cut(failure),
        _ => null,
    };

    public SourceUnavailableException Cut(Exception failure) => Unavailable("không kết nối được hoặc kết nối bị ngắt", "it cannot be reached, or the connection was cut", failure);

    public SourceUnavailableException TooLarge(Exception failure) =>
        Unavailable("một dòng lớn quá mức máy chủ ghép được", "a row is larger than the server can put together", failure);

    private Exception Tell(PostgresException e) => e.SqlState switch
    {
        // Messages of class 42 hold names and words of the query, never values of rows.
        "42501" => Broken("tài khoản không có quyền", "the role lacks a right", e, withMessage: true),
        "42703" => Broken("không có cột mà truy vấn hay cấu hình nêu", "a column named by the query or the settings is missing", e, withMessage: true),
        "42P01" => Broken("không có bảng mà truy vấn nêu", "a table named by the query is missing", e, withMessage: true),
        "25006" => Broken("truy vấn cố ghi dữ liệu; chỉ được đọc", "the query tries to write; it may only read", e, withMessage: true),
        "57014" => Unavailable("câu truy vấn chạy quá thời gian cho phép", "the query took longer than allowed", e),
        "28P01" or "28000" => Broken("sai tài khoản hoặc mật khẩu", "the account or its password is refused", e),
        "3D000" => Broken("không có cơ sở dữ liệu này", "there is no such database", e),
        ['4', '2', ..] or "3F000" => Broken("truy vấn không hợp lệ với cơ sở dữ liệu này", "the query does not fit this database", e, withMessage: true),
        ['2', '2', ..] => Broken("truy vấn gặp một giá trị không chuyển đổi được", "the query itself meets a value it cannot convert", e),
        ['0', '8', ..] or ['4', '0', ..] or ['5', '3', ..] or ['5', '5', ..] or ['5', '7', ..] or ['2', '5', ..] or ['5', '8', ..] =>
            Unavailable("máy chủ từ chối hoặc ngắt lượt đọc", "the server refused or ended the reading", e),
        _ => Broken("máy chủ báo lỗi", "the server reports an error", e),
    };

    private SourceBrokenException Broken(string vi, string en, PostgresException e, bool withMessage = false)
    {
        var said = withMessage ? $"{e.SqlState}: {Masking.Outside(e.MessageText, 200)}" : e.SqlState;
        return new(new Text($"Kết nối {connection}: {vi} ({said}).", $"Connection {connection}: {en} ({said})."), e);
    }

    private SourceUnavailableException Unavailable(string vi, string en, Exception e)
    {
        var code = e is PostgresException p ? $" ({p.SqlState})" : "";
        return new(new Text($"Kết nối {connection}: {vi}{code}; lượt sau thử lại.", $"Connection {connection}: {en}{code}; the next run tries again."), e);
    }
}

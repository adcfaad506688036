namespace Integration.Deliver;

/// <summary>Everything that can happen on the way to a receiver. No keys, no payloads, no addresses beyond the connection's name.</summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "{Connection}: đã đăng nhập / logged in")]
    public static partial void LoggedIn(ILogger logger, string connection);

    [LoggerMessage(5002, LogLevel.Information, "{Connection}: nơi nhận kết thúc phiên, sẽ đăng nhập lại / the receiver ended the session")]
    public static partial void SessionEnded(ILogger logger, string connection);

    [LoggerMessage(5003, LogLevel.Error, "{Connection}: nơi nhận từ chối đăng nhập, mã {Code}; kiểm tra tài khoản, {Seconds} giây nữa mới thử lại / the receiver refused the login; not tried again before")]
    public static partial void LoginRefused(ILogger logger, string connection, string code, double seconds);

    [LoggerMessage(5004, LogLevel.Warning, "{Connection}: không đăng nhập được ({Code}), sẽ thử lại / login failed")]
    public static partial void LoginFailed(ILogger logger, string connection, string code);

    [LoggerMessage(5005, LogLevel.Warning, "{Connection}: gọi lỗi quá nhiều, tạm ngắt {Seconds} giây / too many calls failed, resting")]
    public static partial void CircuitOpened(ILogger logger, string connection, double seconds);

    [LoggerMessage(5006, LogLevel.Information, "{Connection}: gọi được trở lại / calls go through again")]
    public static partial void CircuitClosed(ILogger logger, string connection);

    [LoggerMessage(5007, LogLevel.Warning, "{Connection}: nơi nhận yêu cầu nghỉ {Asked}, chỉ nghỉ {Limit} (LongestRest) / the receiver asked for a longer rest than the limit")]
    public static partial void RestCapped(ILogger logger, string connection, TimeSpan asked, TimeSpan limit);

    [LoggerMessage(5008, LogLevel.Warning, "{Connection}: không đọc được Retry-After của nơi nhận, bỏ qua / the receiver's Retry-After cannot be read and is ignored")]
    public static partial void RestUnreadable(ILogger logger, string connection);

    [LoggerMessage(5009, LogLevel.Warning, "{Connection}/{Service}: không hiểu trả lời ({Code}, HTTP {Status}), sẽ hỏi lại trước khi gửi lại / the answer is not understood")]
    public static partial void NotUnderstood(ILogger logger, string connection, string service, string code, int status);

    [LoggerMessage(5010, LogLevel.Warning, "{Connection}/{Service}: {Count} mục trong trả lời không thuộc bản ghi nào đã gửi, bỏ qua / entries of the answer belong to no record that was sent")]
    public static partial void StrangersInResult(ILogger logger, string connection, string service, int count);

    [LoggerMessage(5011, LogLevel.Warning, "{Connection}/{Service}: trả lời không nói gì về {Count} bản ghi đã gửi / the answer leaves records without an outcome of their own")]
    public static partial void SilentInResult(ILogger logger, string connection, string service, int count);
}

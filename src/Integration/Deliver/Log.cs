namespace Integration.Deliver;

/// <summary>Everything that can happen on the way to a receiver. No keys, no payloads, no addresses beyond the connection's name.</summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "{Connection}: logged in")]
    public static partial void LoggedIn(ILogger logger, string connection);

    [LoggerMessage(5002, LogLevel.Information, "{Connection}: the receiver ended the session")]
    public static partial void SessionEnded(ILogger logger, string connection);

    [LoggerMessage(5003, LogLevel.Error, "{Connection}: the receiver refused the login with code {Code}; not tried again for {Seconds} s")]
    public static partial void LoginRefused(ILogger logger, string connection, string code, double seconds);

    [LoggerMessage(5004, LogLevel.Warning, "{Connection}: login failed ({Code})")]
    public static partial void LoginFailed(ILogger logger, string connection, string code);

    [LoggerMessage(5005, LogLevel.Warning, "{Connection}: too many calls failed, resting for {Seconds} s")]
    public static partial void CircuitOpened(ILogger logger, string connection, double seconds);

    [LoggerMessage(5006, LogLevel.Information, "{Connection}: calls go through again")]
    public static partial void CircuitClosed(ILogger logger, string connection);

    [LoggerMessage(5007, LogLevel.Warning, "{Connection}: the receiver asked for a rest of {Asked}, held to the limit of {Limit}")]
    public static partial void RestCapped(ILogger logger, string connection, TimeSpan asked, TimeSpan limit);

    [LoggerMessage(5008, LogLevel.Warning, "{Connection}: the receiver's Retry-After cannot be read and is ignored")]
    public static partial void RestUnreadable(ILogger logger, string connection);

    [LoggerMessage(5009, LogLevel.Warning, "{Connection}/{Service}: the answer is not understood ({Code}, HTTP {Status})")]
    public static partial void NotUnderstood(ILogger logger, string connection, string service, string code, int status);

    [LoggerMessage(5010, LogLevel.Warning, "{Connection}/{Service}: {Count} entries of the answer belong to no record that was sent; ignored")]
    public static partial void StrangersInResult(ILogger logger, string connection, string service, int count);

    [LoggerMessage(5011, LogLevel.Warning, "{Connection}/{Service}: the answer leaves {Count} records without an outcome of their own")]
    public static partial void SilentInResult(ILogger logger, string connection, string service, int count);
}

namespace PortalSimulator.Http;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Request {Seq} failed inside the simulator")]
    public static partial void Failed(ILogger logger, Exception failure, long seq);
}

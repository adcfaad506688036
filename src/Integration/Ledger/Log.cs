namespace Integration.Ledger;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "The ledger's schema was stepped up to version {Version}.")]
    public static partial void SchemaStepped(this ILogger logger, int version);

    [LoggerMessage(2002, LogLevel.Debug, "A ledger transaction met another one ({SqlState}) and is run again, attempt {Attempt}.")]
    public static partial void TransactionRepeated(this ILogger logger, string sqlState, int attempt);

    [LoggerMessage(2003, LogLevel.Warning, "{Count} leases of {Worker} ran out; what they held is now of unknown outcome.")]
    public static partial void LeasesExpired(this ILogger logger, int count, string worker);

    [LoggerMessage(2004, LogLevel.Error, "Version {Version} of pipeline {Pipeline} does not match its hash and was not sent.")]
    public static partial void PayloadDamaged(this ILogger logger, string pipeline, long version);

    [LoggerMessage(2005, LogLevel.Warning, "Sổ đồng bộ nay ở máy chủ {Server}, trước đó ở {Before} / the ledger's server is another one now")]
    public static partial void ServerChanged(this ILogger logger, string server, string before);
}

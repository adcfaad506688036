namespace Integration.Ledger;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "Đã nâng cấu trúc sổ đồng bộ lên phiên bản {Version} / the ledger's schema was stepped up")]
    public static partial void SchemaStepped(this ILogger logger, int version);

    [LoggerMessage(2002, LogLevel.Debug, "Giao dịch của sổ gặp giao dịch khác ({SqlState}), chạy lại lần {Attempt} / a ledger transaction met another one and is run again")]
    public static partial void TransactionRepeated(this ILogger logger, string sqlState, int attempt);

    [LoggerMessage(2003, LogLevel.Warning, "{Count} phần việc của {Worker} quá hạn giữ; bản ghi trong đó chưa rõ kết quả, sẽ hỏi cổng / leases ran out; what they held is now of unknown outcome")]
    public static partial void LeasesExpired(this ILogger logger, int count, string worker);

    [LoggerMessage(2004, LogLevel.Error, "{Pipeline}: nội dung lưu của phiên bản {Version} không khớp mã băm nên không gửi; kiểm tra đĩa của sổ / the stored content does not match its hash and was not sent")]
    public static partial void PayloadDamaged(this ILogger logger, string pipeline, long version);

    [LoggerMessage(2005, LogLevel.Warning, "Sổ đồng bộ nay ở máy chủ {Server}, trước đó ở {Before} / the ledger's server is another one now")]
    public static partial void ServerChanged(this ILogger logger, string server, string before);
}

namespace Integration.Pipelines;

/// <summary>Everything the pipelines may say in a log, Vietnamese first. No keys, no payloads: those are in the ledger.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "{Pipeline}: lượt chạy xong / run done; đã đọc/extracted {Extracted}, không đổi/unchanged {Unchanged}, mới/new {Added}, thay đổi/changed {Changed}, rút/withdrawn {Withdrawn}, từ chối/refused {Rejected}")]
    public static partial void RunDone(this ILogger log, string pipeline, long extracted, long unchanged, long added, long changed, long withdrawn, long rejected);

    [LoggerMessage(101, LogLevel.Error, "{Pipeline}: lượt chạy dừng giữa chừng / run not finished; đã đọc/extracted {Extracted}. {Detail}")]
    public static partial void RunNotDone(this ILogger log, string pipeline, long extracted, string detail);

    [LoggerMessage(102, LogLevel.Warning, "{Pipeline}: {Note}")]
    public static partial void RunNote(this ILogger log, string pipeline, string note);

    [LoggerMessage(103, LogLevel.Information, "{Pipeline}: bỏ qua lượt chạy / run skipped. {Reason}")]
    public static partial void RunSkipped(this ILogger log, string pipeline, string reason);

    [LoggerMessage(104, LogLevel.Information, "{Pipeline}: chạy bù lượt bị lỡ hoặc chưa xong / running what was missed or broken off at {Due:yyyy-MM-dd HH:mm:ss zzz}")]
    public static partial void RunCaughtUp(this ILogger log, string pipeline, DateTimeOffset due);

    [LoggerMessage(110, LogLevel.Debug, "{Pipeline}: sent {Records} ({Kind}), answer {Code}, {Verdict}")]
    public static partial void Sent(this ILogger log, string pipeline, int records, Deliver.DeliveryKind kind, string code, Deliver.Verdict verdict);

    [LoggerMessage(111, LogLevel.Warning, "{Pipeline}: nơi nhận chưa trả lời được, nghỉ gửi đến / no usable answer, delivery rests until {Until:HH:mm:ss zzz} ({Code})")]
    public static partial void LaneParked(this ILogger log, string pipeline, DateTimeOffset until, string code);

    [LoggerMessage(112, LogLevel.Warning, "{Pipeline}: {Records} bản ghi chưa rõ cổng đã nhận chưa, sẽ hỏi lại trước khi gửi lại / records without a usable answer ({Code}) are asked for before anything is repeated")]
    public static partial void OutcomeUnknown(this ILogger log, string pipeline, int records, string code);

    [LoggerMessage(113, LogLevel.Warning, "{Pipeline}: nơi nhận từ chối {Records} bản ghi, mã {Code}; lời từ chối nằm trong sổ / records refused by the receiver; its words are in the ledger")]
    public static partial void Refused(this ILogger log, string pipeline, int records, string code);

    [LoggerMessage(114, LogLevel.Warning, "{Pipeline}: {Late} trả lời đến sau khi hết hạn giữ, không thay đổi gì / answers came after their lease had ended and changed nothing")]
    public static partial void LateAnswers(this ILogger log, string pipeline, int late);

    [LoggerMessage(115, LogLevel.Warning, "{Pipeline}: {Records} bản ghi cần người đối chiếu trên cổng / records need a person to look whether the receiver has them")]
    public static partial void PersonNeeded(this ILogger log, string pipeline, int records);

    [LoggerMessage(117, LogLevel.Error, "{Pipeline}: tự tạm dừng / paused by itself. {Vi} / {En}")]
    public static partial void PausedItself(this ILogger log, string pipeline, string vi, string en);

    [LoggerMessage(118, LogLevel.Information, "{Pipeline}: nơi nhận đóng cửa, nghỉ gửi đến / the receiver is closed, delivery rests until {Until:yyyy-MM-dd HH:mm zzz}")]
    public static partial void ReceiverClosed(this ILogger log, string pipeline, DateTimeOffset until);

    [LoggerMessage(116, LogLevel.Information, "{Pipeline}: ánh xạ lại bản ghi từng bị từ chối, nay đạt {Records} / refused records were mapped again and pass now")]
    public static partial void MappedAgain(this ILogger log, string pipeline, int records);

    [LoggerMessage(125, LogLevel.Warning, "{Pipeline}: hết hạn giữ trước khi gửi {Records} bản ghi, chưa gửi gì; tiến trình nào giữ sẽ làm tiếp / the lease was over before records were sent; nothing was sent, whoever holds them goes on")]
    public static partial void LeaseOver(this ILogger log, string pipeline, int records);

    [LoggerMessage(126, LogLevel.Error, "{Pipeline}: cổng đã nhận {Records} bản ghi do tiến trình bị treo gửi muộn; có thể đã được gửi lại, hãy đối chiếu bằng lệnh explain / the receiver took records from a worker that had stood still; they may have been repeated meanwhile, look with explain")]
    public static partial void LateAccepted(this ILogger log, string pipeline, int records);

    [LoggerMessage(127, LogLevel.Warning, "{Pipeline}: đã có trả lời cho {Records} bản ghi nhưng chưa ghi được vào sổ, giữ lại và ghi sau {Seconds:0.0} giây / answers could not be stored yet, kept and tried again then. {Reason}")]
    public static partial void AnswerKept(this ILogger log, string pipeline, int records, double seconds, string reason);

    [LoggerMessage(140, LogLevel.Error, "{Pipeline}: để riêng một bản ghi đã làm chương trình chết {Crashes} lần / a record with which the worker died so often is set aside")]
    public static partial void CrashSuspect(this ILogger log, string pipeline, int crashes);

    [LoggerMessage(141, LogLevel.Warning, "{Pipeline}: {Reason}")]
    public static partial void ExtractionWaits(this ILogger log, string pipeline, string reason);

    [LoggerMessage(142, LogLevel.Information, "{Pipeline}: đọc nguồn tiếp / extraction goes on")]
    public static partial void ExtractionGoesOn(this ILogger log, string pipeline);

    [LoggerMessage(120, LogLevel.Error, "{Pipeline}: chưa dùng được sổ đồng bộ, thử lại sau {Seconds:0.0} giây / the ledger cannot be used, tried again then. {Reason}")]
    public static partial void LedgerAway(this ILogger log, string pipeline, double seconds, string reason);

    [LoggerMessage(129, LogLevel.Error, "{Pipeline}: chưa dùng được sổ đồng bộ, việc dở dang làm lại khi sổ trả lời / the ledger cannot be used; what was begun is done when it answers. {Reason}")]
    public static partial void RunPutOff(this ILogger log, string pipeline, string reason);

    [LoggerMessage(121, LogLevel.Information, "{Leases} phần việc quá hạn giữ, sẽ hỏi lại cổng; {Released} bản ghi hết phải chờ / leases had run out and are asked for; waiting records became ready")]
    public static partial void UpkeepDone(this ILogger log, int leases, int released);

    [LoggerMessage(122, LogLevel.Critical, "{Pipeline}: lỗi không lường trước, tiến trình dừng để được khởi động lại / unexpected {Failure} at {Place}; the worker stops so that its supervisor starts it again")]
    public static partial void Unexpected(this ILogger log, string pipeline, string failure, string place);

    [LoggerMessage(123, LogLevel.Information, "Sổ đồng bộ dùng lại được sau {Seconds:0.0} giây / the ledger answers again")]
    public static partial void LedgerBack(this ILogger log, double seconds);

    [LoggerMessage(124, LogLevel.Critical, "{Reason}")]
    public static partial void LedgerTooNew(this ILogger log, string reason);

    [LoggerMessage(130, LogLevel.Information, "{Worker} sẵn sàng / ready: {Pipelines} luồng/pipelines, sổ/ledger {Provider}, {Url}")]
    public static partial void Ready(this ILogger log, string worker, int pipelines, string provider, string url);

    [LoggerMessage(131, LogLevel.Information, "{Worker} đang dừng, làm nốt việc dở dang / draining: no new work is taken, what is in flight is finished")]
    public static partial void Draining(this ILogger log, string worker);

    [LoggerMessage(132, LogLevel.Error, "{Pipeline}: lịch không chạy được luồng này / the schedule could not run it. {Reason}")]
    public static partial void ScheduleFailed(this ILogger log, string pipeline, string reason);
}

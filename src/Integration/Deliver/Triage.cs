using System.Globalization;
using Integration.Records;

namespace Integration.Deliver;

/// <summary>What a call came to, as far as it can be said without knowing the receiver's own codes.</summary>
/// <param name="Message">For operators, Vietnamese first, then English.</param>
internal readonly record struct Finding(Verdict Verdict, string Code, string Message, TimeSpan? RetryAfter = null)
{
    public static Finding Of(Verdict verdict, string code, Text what, TimeSpan? retryAfter = null) => new(verdict, code, $"{what.Vi} / {what.En}", retryAfter);
}

/// <summary>
/// Decides by how far a call got and by its HTTP status. Not sent: nothing can have been applied, the lane pauses. Unknown: it may have been.
/// </summary>
internal static class Triage
{
    /// <returns>Null when a whole answer came.</returns>
    public static Finding? ByEnd(HttpReply reply) => reply.End switch
    {
        HttpEnd.Answered => null,
        HttpEnd.NotReached when reply.Distrust is { } distrust => Finding.Of(Verdict.NotSent, "tls", new(
            $"{distrust.Vi}. Chưa có dữ liệu nào rời khỏi máy; sẽ tự thử lại. Báo đơn vị vận hành nơi nhận, hoặc kiểm tra Url và CaFile của kết nối.",
            $"{distrust.En}. Nothing left this machine; it is tried again. Tell the receiver's operator, or check the connection's Url and CaFile.")),
        HttpEnd.NotReached => Finding.Of(Verdict.NotSent, "not-reached", new Text(
            "Không kết nối được tới hệ thống nhận ({0}). Chưa có dữ liệu nào rời khỏi máy; sẽ tự thử lại.",
            "The receiver cannot be reached ({0}). Nothing left this machine; it is tried again.").With(reply.Detail)),
        HttpEnd.CircuitOpen => Finding.Of(Verdict.NotSent, "circuit-open", CircuitOpen(reply.Cause), reply.Wait),
        HttpEnd.Busy => Finding.Of(Verdict.NotSent, "busy", new(
            "Quá nhiều lượt gọi đang chờ trên kết nối này; chưa gửi gì, sẽ tự thử lại.",
            "Too many calls wait on this connection; nothing was sent, it is tried again."), reply.Wait),
        HttpEnd.Withheld => Finding.Of(Verdict.NotSent, "withheld", new(
            "Quyền giữ bản ghi đã hết trước khi gửi; chưa gửi gì, tiến trình khác có thể đã nhận việc này.",
            "The lease ended before sending began; nothing was sent, another worker may have the records by now.")),
        HttpEnd.TimedOut => Finding.Of(Verdict.Unknown, "timeout", new(
            "Đã gửi nhưng hết thời gian chờ trả lời; chưa rõ đã được tiếp nhận hay chưa.",
            "It was sent and no answer came in time; whether it was applied is not known.")),
        HttpEnd.Broken => Finding.Of(Verdict.Unknown, "broken", new Text(
            "Kết nối đứt sau khi bắt đầu gửi ({0}); chưa rõ đã được tiếp nhận hay chưa.",
            "The connection broke after sending began ({0}); whether it was applied is not known.").With(reply.Detail)),
        HttpEnd.TooLarge => Finding.Of(Verdict.Unknown, "too-large", new(
            "Trả lời dài quá giới hạn nên không đọc; chưa rõ đã được tiếp nhận hay chưa.",
            "The answer is longer than the limit and was not read; whether it was applied is not known.")),
        _ => throw new InvalidOperationException($"{reply.End} has no meaning."),
    };

    // Whoever looks while the connection rests wants to know what is wrong with it.
    private static Text CircuitOpen(HttpReply? cause)
    {
        var what = new Text("Kết nối lỗi liên tiếp nên tạm ngắt; chưa gửi gì, sẽ tự thử lại.", "The connection failed too often and rests; nothing was sent, it is tried again.");
        if (cause is null)
        {
            return what;
        }

        var last = ByEnd(cause) ?? ByStatus(cause.Status, null, TimeSpan.Zero);
        var said = Text.OfMessage(last.Code, last.Message);
        return new($"{what.Vi} Lỗi gần nhất: {said.Vi}", $"{what.En} The last failure: {said.En}");
    }

    /// <summary>What a whole answer means by its status alone, when its body says nothing that is understood.</summary>
    /// <param name="retryAfter">What the receiver asked for.</param>
    /// <param name="restAfterDenial">See <see cref="HttpConnection.RestAfterDenial"/>.</param>
    public static Finding ByStatus(int status, TimeSpan? retryAfter, TimeSpan restAfterDenial)
    {
        var (verdict, what) = status switch
        {
            429 => (Verdict.TryLater, new Text("Hệ thống nhận yêu cầu gửi chậm lại", "The receiver asks for fewer calls")),
            503 when retryAfter is not null => (Verdict.TryLater, new Text("Hệ thống nhận đang tạm dừng hoặc bảo trì", "The receiver is down for now or under maintenance")),
            401 or 403 => (Verdict.NotSent, new Text("Hệ thống nhận từ chối quyền truy cập; kiểm tra tài khoản và cấu hình kết nối", "The receiver denies access; check the account and the connection's settings")),
            404 or 405 => (Verdict.NotSent, new Text("Đường dẫn không có ở hệ thống nhận; kiểm tra cấu hình kết nối", "The receiver has no such path; check the connection's settings")),
            407 => (Verdict.NotSent, new Text("Máy chủ proxy từ chối; kiểm tra cấu hình proxy", "The proxy refuses; check the proxy's settings")),
            421 or 431 => (Verdict.NotSent, new Text("Hệ thống nhận không xử lý yêu cầu gửi tới địa chỉ hoặc với tiêu đề này; kiểm tra cấu hình kết nối", "The receiver does not take requests at this address or with these headers; check the connection's settings")),
            408 => (Verdict.Unknown, new Text("Hệ thống nhận báo hết thời gian; chưa rõ đã được tiếp nhận hay chưa", "The receiver ran out of time; whether it was applied is not known")),
            >= 400 and < 500 => (Verdict.Refused, new Text("Hệ thống nhận từ chối nội dung trước khi xử lý", "The receiver refused the content before processing it")),
            >= 500 => (Verdict.Unknown, new Text("Hệ thống nhận bị lỗi; chưa rõ đã được tiếp nhận hay chưa", "The receiver failed; whether it was applied is not known")),
            >= 300 => (Verdict.Unknown, new Text("Hệ thống nhận chuyển hướng sang nơi khác, không đi theo; chưa rõ đã được tiếp nhận hay chưa", "The receiver points elsewhere, which is not followed; whether it was applied is not known")),
            _ => (Verdict.Unknown, new Text("Trạng thái HTTP lạ; chưa rõ đã được tiếp nhận hay chưa", "Unexpected HTTP status; whether it was applied is not known")),
        };
        retryAfter ??= status is 401 or 403 ? restAfterDenial : null;
        var code = string.Create(CultureInfo.InvariantCulture, $"http-{status}");
        return Finding.Of(verdict, code, new($"{what.Vi} (HTTP {status}).", $"{what.En} (HTTP {status})."), retryAfter);
    }
}

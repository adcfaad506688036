using Integration.Records;

namespace Integration.Deliver.Dvcqg;

/// <summary>
/// Reads <c>{error_code, message, result[]}</c>. Success is a code known to mean it, never an empty body, never the sound of a message.
/// </summary>
/// <param name="fields">What is to be known of the entries of <c>result[]</c>; null: <c>result</c> is wanted as a tree.</param>
internal sealed class ReplyReader(
    DvcqgConnection connection, string name, string service, CodeBook codes, TimeProvider clock, ILogger logger, EntryFields? fields = null)
{
    private readonly string[] _words = [.. connection.SessionWords.Select(ReplyText.Compose)];

    public PortalReply Read(HttpReply reply, ContentHash requestHash)
    {
        var exchange = new Exchange(requestHash, reply.Body.IsEmpty ? default : ContentHash.Of(reply.Body.Span), reply.Status);
        if (Triage.ByEnd(reply) is { } unanswered)
        {
            return From(unanswered, exchange);
        }

        var (rest, note) = ReadRest(reply);
        // A gateway whose back end fell silent after applying answers 503 too; only one that says when to come back has turned the call away.
        if (reply.Status == 429 || (reply.Status == 503 && rest is not null))
        {
            return From(Noted(ByStatus(reply.Status, rest), note), exchange);
        }

        if (reply.Status == 401)
        {
            return From(ByStatus(401, rest), exchange) with { Session = SessionSign.Certain };
        }

        var understood = reply.Status is 200 or 201 or (>= 400 and < 500 and not 403 and not 407 and not 408) ? ReadBody(reply, rest) : null;
        var result = understood ?? (reply.Status is 200 or 201 ? NotUnderstood(reply) : From(Noted(ByStatus(reply.Status, rest), note), exchange));
        if (result.Verdict == Verdict.Unknown)
        {
            Log.NotUnderstood(logger, name, service, result.Code, reply.Status);
        }

        return result with { Exchange = exchange };
    }

    private Finding ByStatus(int status, TimeSpan? rest) => Triage.ByStatus(status, rest, connection.Http.RestAfterDenial);

    private static PortalReply From(Finding finding, Exchange exchange) =>
        new(finding.Verdict, finding.Code, finding.Message) { RetryAfter = finding.RetryAfter, Exchange = exchange };

    private PortalReply? ReadBody(HttpReply reply, TimeSpan? rest)
    {
        if (AnswerOf(reply.Body, reply.Charset) is not { } answer)
        {
            return null;
        }

        if (connection.Shape == DvcqgShape.Relay && answer.Message is { } wrapped && AnswerOf(wrapped) is { Code: { } innerCode } inner)
        {
            if (answer.Code is { } outerCode && codes.Of(outerCode) != codes.Of(innerCode))
            {
                return Contradiction($"{outerCode}/{innerCode}");
            }

            answer = inner;
        }

        var message = answer.Message;
        if (answer.Code is not { } code)
        {
            return reply.Status is 200 or 201
                ? NoCode(message)
                : null;
        }

        var meaning = codes.Of(code);
        if (meaning == CodeMeaning.Accepted && reply.Status >= 400)
        {
            return Contradiction($"HTTP {reply.Status}/{code}");
        }

        return new PortalReply(VerdictOf(meaning), ReplyText.Clean(code, 40), Said(code, message))
        {
            HasCode = true,
            Result = answer.Result,
            Session = SessionSignOf(code, meaning, message),
            RetryAfter = meaning == CodeMeaning.TryLater ? rest : null,
        };
    }

    private Answer? AnswerOf(ReadOnlyMemory<byte> body, string? charset) =>
        (fields is not null && StrictJson.Utf8(body, charset) is { } text ? AnswerReader.Read(text, fields) : null)
        ?? (StrictJson.Object(body.Span, charset) is { } tree ? Answer.Of(tree) : null);

    private Answer? AnswerOf(string wrapped) =>
        (fields is not null && StrictJson.Utf8(wrapped) is { } text ? AnswerReader.Read(text, fields) : null)
        ?? (StrictJson.Object(wrapped) is { } tree ? Answer.Of(tree) : null);

    public static Verdict VerdictOf(CodeMeaning meaning) => meaning switch
    {
        CodeMeaning.Accepted => Verdict.Accepted,
        CodeMeaning.AlreadyThere => Verdict.AlreadyThere,
        CodeMeaning.NotThere => Verdict.NotThere,
        CodeMeaning.TryLater => Verdict.TryLater,
        CodeMeaning.Session => Verdict.NotSent,
        _ => Verdict.Refused,
    };

    /// <summary>The portal's own words with its code.</summary>
    public static string Said(string code, string? message) => $"[{ReplyText.Clean(code, 40)}] {ReplyText.Clean(message)}".TrimEnd();

    private SessionSign SessionSignOf(string code, CodeMeaning meaning, string? message) => meaning switch
    {
        CodeMeaning.Session => SessionSign.Certain,
        CodeMeaning.Refused when !codes.Knows(code) && HoldsSessionWord(message) => SessionSign.Word,
        _ => SessionSign.None,
    };

    private bool HoldsSessionWord(string? message)
    {
        var text = ReplyText.Compose(message ?? "");
        return _words.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
    }

    private PortalReply NoCode(string? message)
    {
        var finding = Finding.Of(Verdict.Unknown, "no-code", new Text(
            "Trả lời không có error_code ({0}); chưa rõ đã được tiếp nhận hay chưa.",
            "The answer has no error_code ({0}); whether it was applied is not known.").With(ReplyText.Clean(message, 200)));
        return From(finding, default) with { Session = HoldsSessionWord(message) ? SessionSign.WordWithoutCode : SessionSign.None };
    }

    private static PortalReply NotUnderstood(HttpReply reply)
    {
        var (code, what) = reply.Body.Span.Trim(" \t\r\n"u8).IsEmpty
            ? ("empty", new Text("Trả lời rỗng; chưa rõ đã được tiếp nhận hay chưa.", "The answer is empty; whether it was applied is not known."))
            : ("not-json", new Text("Trả lời không phải JSON hợp lệ hoặc bị cắt; chưa rõ đã được tiếp nhận hay chưa.",
                "The answer is not valid JSON, or cut; whether it was applied is not known."));
        return From(Finding.Of(Verdict.Unknown, code, what), default);
    }

    private static PortalReply Contradiction(string codes) => From(Finding.Of(Verdict.Unknown, "contradiction", new Text(
        "Trả lời tự mâu thuẫn ({0}); chưa rõ đã được tiếp nhận hay chưa.", "The answer contradicts itself ({0}); whether it was applied is not known.").With(ReplyText.Clean(codes, 80))), default);

    // What it asked for and did not get is told where the rest is shown.
    private static Finding Noted(Finding finding, Text? note)
    {
        var said = Text.OfMessage(finding.Code, finding.Message);
        return note is null ? finding : Finding.Of(finding.Verdict, finding.Code, new($"{said.Vi} {note.Vi}", $"{said.En} {note.En}"), finding.RetryAfter);
    }

    private (TimeSpan? Wait, Text? Note) ReadRest(HttpReply reply)
    {
        Text? note = null;
        var rest = RetryAfter.Read(reply.RetryAfter, clock.GetUtcNow(), connection.Http.LongestRest);
        if (rest.IsUnreadable)
        {
            Log.RestUnreadable(logger, name);
            note = new("Không đọc được thời gian nghỉ mà nơi nhận yêu cầu nên tự chọn.", "How long it wants to rest cannot be read, so a time was chosen.");
        }

        if (rest.Asked is { } asked)
        {
            Log.RestCapped(logger, name, asked, connection.Http.LongestRest);
            note = new Text(
                "Nơi nhận yêu cầu nghỉ {0:0.#} giờ; chỉ nghỉ {1:0.#} giờ (LongestRest).", "It asked for a rest of {0:0.#} hours; held to {1:0.#} (LongestRest).")
                .With(asked.TotalHours, connection.Http.LongestRest.TotalHours);
        }

        return (rest.Wait, note);
    }
}

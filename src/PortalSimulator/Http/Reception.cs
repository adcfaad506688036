using PortalSimulator.Faults;

namespace PortalSimulator.Http;

/// <summary>Takes a request through a door: read, struck by faults or not, decided, answered, written down.</summary>
internal sealed class Reception(
    PortalOptions options, RequestLog log, FaultBoard faults, Answers answers, Sessions sessions, ILogger<Reception> logger, CancellationToken stopping)
{
    public RequestDelegate Through(Door door) => http => ReceiveAsync(http, door);

    /// <summary>For paths that lead nowhere: written down too, for a client that ends up there has gone astray.</summary>
    public RequestDelegate Astray(Answer answer) => async http =>
    {
        var entry = log.Arrive(http.Request.Path);
        await AnswerWriter.WriteAsync(http, answer, stopping);
        entry.Status = answer.Status;
    };

    private async Task ReceiveAsync(HttpContext http, Door door)
    {
        var entry = log.Arrive(http.Request.Path);
        Answer answer;
        try
        {
            using var body = await RequestBody.ReadAsync(http.Request, options.LargestBody, http.RequestAborted);
            answer = await DecideAsync(http.Request, door, body.Bytes, entry);
        }
        catch (NoCallException refusal)
        {
            entry.Code = refusal.Code;
            entry.Detail = "no call";
            answer = new Answer(door.Render(new Verdict(refusal.Code, refusal.Message), null), refusal.Status) { CloseAfter = refusal.Status == 413 };
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            entry.Detail = "the sender left before its request was whole";
            entry.Status = 0;
            return;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            entry.Status = 0;
            http.Abort();
            return;
        }
        catch (Exception failure)
        {
            Log.Failed(logger, failure, entry.Seq);
            entry.Code = Codes.Internal;
            answer = new Answer(door.Render(new Verdict(Codes.Internal, "Lỗi hệ thống"), null), 500);
        }

        // Written down before it is sent: whoever has the answer finds the entry whole.
        entry.Status = answer.Ending == Ending.Reset ? 0 : answer.Status;
        await AnswerWriter.WriteAsync(http, answer, stopping);
    }

    private async Task<Answer> DecideAsync(HttpRequest request, Door door, ReadOnlyMemory<byte> body, RequestEntry entry)
    {
        var call = door.Read(request, body);
        entry.Service = call.Service;
        entry.Records = call.Records?.Count ?? 0;
        var strike = faults.Draw(call.Service, call.Body.Span);
        entry.Fault = strike.Name;
        await DelayAsync(strike.Delay(after: false));

        var verdict = strike.Answering is { IsAfter: false } ? Verdict.Good(0) : door.Decide(call);
        if (strike.Answering is not { IsAfter: false })
        {
            entry.Code = verdict.Code;
            entry.Applied = verdict.Applied;
            entry.Detail = verdict.Detail;
        }

        await DelayAsync(strike.Delay(after: true));
        if (strike.Answering is not { } fault)
        {
            return new Answer(door.Render(verdict, call));
        }

        if (fault.Mode == FaultModes.SessionLost)
        {
            sessions.Forget();
        }

        return answers.Faulty(fault, verdict, v => door.Render(v, call));
    }

    // Not ended by the sender's leaving: a slow portal goes on and applies what it was sent.
    private Task DelayAsync(TimeSpan delay) => delay > TimeSpan.Zero ? Task.Delay(delay, options.Clock, stopping) : Task.CompletedTask;
}

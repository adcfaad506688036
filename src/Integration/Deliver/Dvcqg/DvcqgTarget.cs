using Integration.Records;

namespace Integration.Deliver.Dvcqg;

/// <summary>The national portal by its envelope API, or by a province's relay in front of it.</summary>
internal sealed class DvcqgTarget : ITarget
{
    private readonly Portal _portal;
    private readonly DvcqgOptions _options;
    private readonly CodeBook _codes;
    private readonly EntryFields _fields;
    private readonly Requests _requests;
    private readonly ReplyReader _reader;
    private readonly ReplyReader? _lookUpReader;
    private readonly ILogger _logger;
    private volatile bool _namesRecords;

    private DvcqgTarget(Portal portal, DvcqgOptions options, TargetContext context)
    {
        _portal = portal;
        _options = options;
        _logger = context.Loggers.CreateLogger("Integration.Deliver.Dvcqg");
        _codes = new CodeBook(options.Codes);
        _fields = new EntryFields(options.RecordKey, options.Receipt);
        _requests = new Requests(portal.Connection, options);
        _reader = new ReplyReader(portal.Connection, portal.Name, options.Service, _codes, context.Clock, _logger, _fields);
        _lookUpReader = options.LookUp is { } lookUp ? new ReplyReader(portal.Connection, portal.Name, lookUp.Service, _codes, context.Clock, _logger) : null;
        Traits = new TargetTraits(options.Batch, options.LookUp is not null, options.RepeatIsSafe, options.Withdraw is not null);
    }

    public TargetTraits Traits { get; }

    /// <exception cref="SettingsException">The connection's settings cannot be used.</exception>
    public static DvcqgTarget Create(DvcqgOptions options, TargetContext context) => new(Portal.Of(context), options, context);

    public Closing? ClosedAt(DateTimeOffset now) => _portal.Connection.Http.Closed.At(now);

    public async Task<DeliveryReply> SendAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Kind == DeliveryKind.Withdraw && _options.Withdraw is null)
        {
            var finding = Finding.Of(Verdict.Refused, "withdraw-unsupported", Rules.WithdrawalUnsupported.What);
            return new DeliveryReply(finding.Verdict, finding.Code, finding.Message, null, null, default);
        }

        var (at, body) = _requests.Send(batch);
        using var sent = body;
        var reply = await _portal.CallAsync(at, body, changes: true, _reader, cancellationToken, batch.StillHeld);
        return Settle(reply, batch);
    }

    public async Task<LookUpReply> LookUpAsync(DeliveryItem item, CancellationToken cancellationToken)
    {
        if (_options.LookUp is not { } lookUp || _lookUpReader is null)
        {
            return NoAnswer(Finding.Of(Verdict.Refused, "no-look-up", new(
                "Luồng này không khai báo cách tra cứu trên cổng (lookUp).", "This pipeline does not say how to ask the portal (lookUp).")), default);
        }

        var payload = item.Payload.IsEmpty ? null : StrictJson.Object(item.Payload.Span, charset: null);
        var asked = item.Payload.IsEmpty ? PayloadFields.Text(item.Key) : PayloadFields.Read(item.Payload.Span, [lookUp.From])[0];
        if (asked is null || (payload is null && !item.Payload.IsEmpty))
        {
            return NoAnswer(Finding.Of(Verdict.Refused, "no-key", new Text(
                "Bản ghi không có {0} để tra cứu.", "The record has no {0} to ask with.").With(lookUp.From)), default);
        }

        var (at, body) = _requests.Ask(lookUp, asked);
        using var sent = body;
        var reply = await _portal.CallAsync(at, body, changes: false, _lookUpReader, cancellationToken);
        return reply.Verdict switch
        {
            Verdict.Accepted => Judged(reply, LookUpAnswer.Judge(reply.Result?.Tree, asked, payload, lookUp)),
            Verdict.NotThere when reply.HasCode => Judged(reply, LookUpVerdict.Absent),
            _ => new LookUpReply(LookUpVerdict.NoAnswer, reply.Code, reply.Message, reply.Exchange, reply.RetryAfter),
        };
    }

    /// <summary>What is shared lives as long as the connection, not as long as one pipeline.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private DeliveryReply Settle(PortalReply reply, DeliveryBatch batch)
    {
        var speaksOfRecords = reply is { HasCode: true, Verdict: Verdict.Accepted or Verdict.Refused or Verdict.AlreadyThere or Verdict.NotThere };
        var (outcomes, strangers) = speaksOfRecords ? ResultList.Match(reply, batch, _fields, _codes) : (null, 0);
        if (strangers > 0)
        {
            Log.StrangersInResult(_logger, _portal.Name, _options.Service, strangers);
        }

        _namesRecords |= outcomes is not null && Array.Exists(outcomes, static o => o.Code != ResultList.NoResult);
        if (outcomes is null && reply is { HasCode: true, Verdict: Verdict.Accepted } && batch.Kind != DeliveryKind.Withdraw && (_options.PerRecordResults ?? _namesRecords))
        {
            // Whoever speaks of every record and then of none may have taken none.
            outcomes = ResultList.Silent(batch);
        }

        if (outcomes is null)
        {
            return new DeliveryReply(ForKind(reply.Verdict, batch.Kind, batch.Items.Count), reply.Code, reply.Message, null, reply.RetryAfter, reply.Exchange);
        }

        var (worst, silent) = (Verdict.Accepted, 0);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (ForKind(outcomes[i].Verdict, batch.Kind, records: 1) is var verdict && verdict != outcomes[i].Verdict)
            {
                outcomes[i] = outcomes[i] with { Verdict = verdict };
            }

            worst = verdict != worst && Array.IndexOf(s_worstFirst, verdict) < Array.IndexOf(s_worstFirst, worst) ? verdict : worst;
            silent += verdict == Verdict.Unknown ? 1 : 0;
        }

        if (silent > 0)
        {
            Log.SilentInResult(_logger, _portal.Name, _options.Service, silent);
        }

        return new DeliveryReply(worst, reply.Code, reply.Message, outcomes, reply.RetryAfter, reply.Exchange);
    }

    /// <summary>
    /// "It exists" answers a create only and "it does not exist" an update only; anywhere else, or about a whole batch, it is a plain refusal.
    /// A withdrawal of what is not there has reached its end.
    /// </summary>
    private static Verdict ForKind(Verdict verdict, DeliveryKind kind, int records) => (verdict, kind) switch
    {
        (Verdict.AlreadyThere, DeliveryKind.Create) when records == 1 => verdict,
        (Verdict.NotThere, DeliveryKind.Update) when records == 1 => verdict,
        (Verdict.NotThere, DeliveryKind.Withdraw) when records == 1 => Verdict.Accepted,
        (Verdict.AlreadyThere or Verdict.NotThere, _) => Verdict.Refused,
        _ => verdict,
    };

    private static readonly Verdict[] s_worstFirst =
        [Verdict.Unknown, Verdict.TryLater, Verdict.NotSent, Verdict.Refused, Verdict.AlreadyThere, Verdict.NotThere, Verdict.Accepted];

    private static LookUpReply Judged(PortalReply reply, LookUpVerdict verdict) => new(verdict, reply.Code, reply.Message, reply.Exchange);

    private static LookUpReply NoAnswer(Finding finding, Exchange exchange) => new(LookUpVerdict.NoAnswer, finding.Code, finding.Message, exchange);
}

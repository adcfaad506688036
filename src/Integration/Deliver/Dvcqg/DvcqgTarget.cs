using System.Text;
using Integration.Records;
using Newtonsoft.Json;

namespace Integration.Deliver.Dvcqg;

/// <summary>The national portal by its envelope API, or by a province's relay in front of it.</summary>
internal sealed class DvcqgTarget : ITarget
{
    private const string NoArgument = "none";

    private readonly Portal _portal;
    private readonly DvcqgOptions _options;
    private readonly CodeBook _codes;
    private readonly ReplyReader _reader;
    private readonly ReplyReader? _lookUpReader;
    private readonly ILogger _logger;

    private DvcqgTarget(Portal portal, DvcqgOptions options, TargetContext context)
    {
        _portal = portal;
        _options = options;
        _logger = context.Loggers.CreateLogger("Integration.Deliver.Dvcqg");
        _codes = new CodeBook(options.Codes);
        _reader = new ReplyReader(portal.Connection, portal.Name, options.Service, _codes, context.Clock, _logger);
        _lookUpReader = options.LookUp is { } lookUp ? new ReplyReader(portal.Connection, portal.Name, lookUp.Service, _codes, context.Clock, _logger) : null;
        Traits = new TargetTraits(options.Batch, options.LookUp is not null, options.RepeatIsSafe, options.Withdraw is not null);
    }

    public TargetTraits Traits { get; }

    /// <exception cref="SettingsException">The connection's settings cannot be used.</exception>
    public static DvcqgTarget Create(DvcqgOptions options, TargetContext context) => new(Portal.Of(context), options, context);

    public async Task<DeliveryReply> SendAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Kind == DeliveryKind.Withdraw && _options.Withdraw is null)
        {
            var finding = Finding.Of(Verdict.Refused, "withdraw-unsupported", Rules.WithdrawalUnsupported.What);
            return new DeliveryReply(finding.Verdict, finding.Code, finding.Message, null, null, default);
        }

        using var envelope = Wrap(batch);
        var reply = await _portal.CallAsync(UriOf(batch.Kind), envelope, changes: true, _reader, cancellationToken);
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
        var asked = payload is null ? PayloadFields.Text(item.Key) : PayloadFields.Read(payload, [lookUp.From])[0];
        if (asked is null)
        {
            return NoAnswer(Finding.Of(Verdict.Refused, "no-key", new Text(
                "Bản ghi không có {0} để tra cứu.", "The record has no {0} to ask with.").With(lookUp.From)), default);
        }

        var connection = _portal.Connection;
        using var envelope = Envelope.Wrapped(connection.Unit, lookUp.Service, [new(lookUp.Argument, asked)], data: null, connection.Shape == DvcqgShape.Envelope);
        var reply = await _portal.CallAsync(connection.At(PathOf(lookUp.Path, lookUp.Service)), envelope, changes: false, _lookUpReader, cancellationToken);
        return reply.Verdict switch
        {
            Verdict.Accepted => Judged(reply, LookUpAnswer.Judge(reply.Result, asked, payload, lookUp)),
            Verdict.NotThere when reply.HasCode => Judged(reply, LookUpVerdict.Absent),
            _ => new LookUpReply(LookUpVerdict.NoAnswer, reply.Code, reply.Message, reply.Exchange, reply.RetryAfter),
        };
    }

    /// <summary>What is shared lives as long as the connection, not as long as one pipeline.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Envelope Wrap(DeliveryBatch batch)
    {
        var data = batch.Items.Select(i => batch.Kind == DeliveryKind.Withdraw ? Withdrawal(i) : i.Payload).ToArray();
        var connection = _portal.Connection;
        if (connection.Shape == DvcqgShape.Relay)
        {
            return Envelope.Bare(data);
        }

        var updating = batch.Kind != DeliveryKind.Withdraw && HasUpdating ? [UpdatingArgument(batch.Kind)] : Enumerable.Empty<KeyValuePair<string, string>>();
        return Envelope.Wrapped(connection.Unit, ServiceOf(batch.Kind), updating.Concat(_options.Arguments), data);
    }

    private Uri UriOf(DeliveryKind kind)
    {
        var connection = _portal.Connection;
        var path = PathOf(_options.Path, ServiceOf(kind));
        if (connection.Shape == DvcqgShape.Envelope)
        {
            return connection.At(path);
        }

        var own = kind switch { DeliveryKind.Create => _options.CreatePath, DeliveryKind.Update => _options.UpdatePath, _ => null };
        var query = new List<KeyValuePair<string, string>>();
        if (connection.UnitParameter != NoArgument)
        {
            query.Add(new(connection.UnitParameter, connection.Unit));
        }

        if (kind != DeliveryKind.Withdraw && HasUpdating)
        {
            query.Add(UpdatingArgument(kind));
        }

        query.AddRange(_options.Arguments);
        var whole = own?.Replace("{service}", _options.Service, StringComparison.Ordinal) ?? path;
        var text = string.Join('&', query.Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value)}"));
        return connection.At(text.Length == 0 ? whole : $"{whole}{(whole.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{text}");
    }

    private string PathOf(DvcqgPath path, string service) =>
        (path == DvcqgPath.Share ? _portal.Connection.SharePath : _portal.Connection.DataPath).Replace("{service}", service, StringComparison.Ordinal);

    private string ServiceOf(DeliveryKind kind) => kind == DeliveryKind.Withdraw ? _options.Withdraw!.Service : _options.Service;

    private bool HasUpdating => _options.Updating != NoArgument;

    private KeyValuePair<string, string> UpdatingArgument(DeliveryKind kind) => new(_options.Updating, kind == DeliveryKind.Update ? _options.UpdateValue : _options.CreateValue);

    private ReadOnlyMemory<byte> Withdrawal(DeliveryItem item) =>
        Encoding.UTF8.GetBytes($"{{{JsonConvert.ToString(_options.Withdraw!.Argument)}:{JsonConvert.ToString(item.Key)}}}");

    private DeliveryReply Settle(PortalReply reply, DeliveryBatch batch)
    {
        var speaksOfRecords = reply is { HasCode: true, Verdict: Verdict.Accepted or Verdict.Refused or Verdict.AlreadyThere or Verdict.NotThere };
        var (outcomes, strangers) = speaksOfRecords ? ResultList.Match(reply, batch, _options, _codes) : (null, 0);
        if (strangers > 0)
        {
            Log.StrangersInResult(_logger, _portal.Name, _options.Service, strangers);
        }

        if (outcomes is null)
        {
            return new DeliveryReply(ForKind(reply.Verdict, batch.Kind, batch.Items.Count), reply.Code, reply.Message, null, reply.RetryAfter, reply.Exchange);
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = outcomes[i] with { Verdict = ForKind(outcomes[i].Verdict, batch.Kind, records: 1) };
        }

        if (outcomes.Count(o => o.Verdict == Verdict.Unknown) is > 0 and var silent)
        {
            Log.SilentInResult(_logger, _portal.Name, _options.Service, silent);
        }

        return new DeliveryReply(Worst(outcomes), reply.Code, reply.Message, outcomes, reply.RetryAfter, reply.Exchange);
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

    private static readonly Verdict[] WorstFirst =
        [Verdict.Unknown, Verdict.TryLater, Verdict.NotSent, Verdict.Refused, Verdict.AlreadyThere, Verdict.NotThere, Verdict.Accepted];

    private static Verdict Worst(RecordOutcome[] outcomes) => WorstFirst.First(v => outcomes.Any(o => o.Verdict == v));

    private static LookUpReply Judged(PortalReply reply, LookUpVerdict verdict) => new(verdict, reply.Code, reply.Message, reply.Exchange);

    private static LookUpReply NoAnswer(Finding finding, Exchange exchange) => new(LookUpVerdict.NoAnswer, finding.Code, finding.Message, exchange);
}

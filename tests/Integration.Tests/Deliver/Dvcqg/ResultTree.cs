using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Newtonsoft.Json.Linq;

namespace Integration.Tests.Deliver.Dvcqg;

/// <summary>
/// Finds in the tree of an answer what it says about each record, by texts and dictionaries: the plain way to say what the streamed reading
/// must come to.
/// </summary>
internal static class ResultTree
{
    private const char Between = '\u001F';

    /// <returns>One outcome a record in the batch's order, or null when the list does not speak of records.</returns>
    public static (RecordOutcome[]? Outcomes, int Strangers) Match(PortalReply reply, DeliveryBatch batch, DvcqgOptions options, CodeBook codes)
    {
        var entries = (reply.Result?.Tree as JArray)?.OfType<JObject>().Select(e => Entry.Read(e, options)).Where(e => e.Code is not null || e.Key is not null).ToArray() ?? [];
        if (entries.Length == 0)
        {
            return (null, 0);
        }

        if (batch.Items.Count == 1 && entries is [{ Key: null } only])
        {
            // An answer about one record need not name it.
            return ([Outcome(batch.Items[0], new Said(only, only.VerdictIn(reply, codes)), sameKey: 1, new Words(reply))], 0);
        }

        var (keys, asked) = KeysOf(batch, options);
        var said = new Dictionary<string, Said>(entries.Length, StringComparer.Ordinal);
        var strangers = 0;
        foreach (var entry in entries)
        {
            if (entry.Key is { } key && asked.ContainsKey(key))
            {
                said[key] = said.TryGetValue(key, out var before) ? before.And(entry.VerdictIn(reply, codes)) : new Said(entry, entry.VerdictIn(reply, codes));
            }
            else
            {
                strangers++;
            }
        }

        var outcomes = new RecordOutcome[batch.Items.Count];
        var words = new Words(reply);
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = keys[i] is { } key && said.TryGetValue(key, out var known)
                ? Outcome(batch.Items[i], known, asked[key], words)
                : Silent(batch.Items[i]);
        }

        return (outcomes, strangers);
    }

    private static RecordOutcome Silent(DeliveryItem item) => Unknown(item, ResultList.NoResult, "Trả lời không nói gì về bản ghi này / The answer says nothing about this record");

    private static (string?[] Keys, Dictionary<string, int> Asked) KeysOf(DeliveryBatch batch, DvcqgOptions options)
    {
        var keys = new string?[batch.Items.Count];
        var asked = new Dictionary<string, int>(keys.Length, StringComparer.Ordinal);
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = KeyOf(batch.Items[i], batch.Kind, options);
            if (keys[i] is { } key)
            {
                asked[key] = asked.GetValueOrDefault(key) + 1;
            }
        }

        return (keys, asked);
    }

    private static RecordOutcome Outcome(DeliveryItem item, in Said said, int sameKey, Words words)
    {
        if (!said.IsOne || said.Times < sameKey)
        {
            return Unknown(item, "many-results", "Trả lời nói về bản ghi này nhiều lần, khác nhau / The answer speaks of this record more than once, differently");
        }

        var (code, message) = words.Of(said.First);
        return new RecordOutcome(item.Version, said.Verdict, code, message, said.First.Receipt);
    }

    private static RecordOutcome Unknown(DeliveryItem item, string code, string message) => new(item.Version, Verdict.Unknown, code, message);

    private static string? KeyOf(DeliveryItem item, DeliveryKind kind, DvcqgOptions options) =>
        kind == DeliveryKind.Withdraw ? PayloadFields.Text(item.Key) : Join(PayloadFields.Read(item.Payload.Span, options.RecordKey));

    private static string? Join(string?[] parts) => parts.Length == 1 ? parts[0] : Array.Exists(parts, static p => p is null) ? null : string.Join(Between, parts);

    private readonly record struct Entry(string? Key, string? Code, string? Message, string? Receipt)
    {
        public static Entry Read(JObject entry, DvcqgOptions options) => new(
            Join(PayloadFields.Read(entry, options.RecordKey)),
            ReplyCode.Read(entry["error_code"]),
            (entry["message"] as JValue)?.Value as string,
            options.Receipt is null ? null : PayloadFields.Read(entry, [options.Receipt])[0]);

        public Verdict VerdictIn(PortalReply reply, CodeBook codes) => Code is { } code ? ReplyReader.VerdictOf(codes.Of(code)) : reply.Verdict;
    }

    /// <summary>What the entries of one key come to.</summary>
    /// <param name="IsOne">All of them say the same.</param>
    private readonly record struct Said(Entry First, Verdict Verdict, int Times = 1, bool IsOne = true)
    {
        public Said And(Verdict verdict) => this with { Times = Times + 1, IsOne = IsOne && verdict == Verdict };
    }

    /// <summary>An entry's code and message as they may be kept; nearly always the same for a whole list.</summary>
    private sealed class Words(PortalReply reply)
    {
        private (string? Code, string? Message) _last;
        private (string Code, string Message)? _kept;

        public (string Code, string Message) Of(in Entry entry)
        {
            if (_kept is { } kept && _last == (entry.Code, entry.Message))
            {
                return kept;
            }

            var code = entry.Code ?? reply.Code;
            _last = (entry.Code, entry.Message);
            _kept = (ReplyText.Clean(code, 40), entry.Code is null && entry.Message is null ? reply.Message : ReplyReader.Said(code, entry.Message));
            return _kept.Value;
        }
    }
}

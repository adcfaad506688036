using Newtonsoft.Json.Linq;

namespace Integration.Deliver.Dvcqg;

/// <summary>
/// Finds in <c>result[]</c> what the portal says about each record. Entries are known by the record's own fields: their order means nothing,
/// an entry may be missing, stand twice, or belong to nobody.
/// </summary>
internal static class ResultList
{
    private const char Between = '\u001F';

    /// <returns>One outcome a record in the batch's order, or null when the list does not speak of records.</returns>
    public static (RecordOutcome[]? Outcomes, int Strangers) Match(PortalReply reply, DeliveryBatch batch, DvcqgOptions options, CodeBook codes)
    {
        var entries = (reply.Result as JArray)?.OfType<JObject>().Select(e => Entry.Read(e, options)).Where(e => e.Code is not null || e.Key is not null).ToArray() ?? [];
        if (entries.Length == 0)
        {
            return (null, 0);
        }

        if (batch.Items.Count == 1 && entries is [{ Key: null } only])
        {
            // An answer about one record need not name it.
            return ([Outcome(batch.Items[0], [only], sameKey: 1, reply, codes)], 0);
        }

        var keys = batch.Items.Select(i => KeyOf(i, batch.Kind, options)).ToArray();
        var said = entries.Where(e => e.Key is not null).ToLookup(e => e.Key!, StringComparer.Ordinal);
        var asked = keys.Where(k => k is not null).GroupBy(k => k!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var outcomes = batch.Items.Select((item, i) => Outcome(item, keys[i] is { } key ? [.. said[key]] : [], keys[i] is { } k ? asked[k] : 0, reply, codes)).ToArray();
        return (outcomes, entries.Count(e => e.Key is null || !asked.ContainsKey(e.Key)));
    }

    private static RecordOutcome Outcome(DeliveryItem item, Entry[] entries, int sameKey, PortalReply reply, CodeBook codes)
    {
        if (entries.Length == 0)
        {
            return Unknown(item, "no-result", "Trả lời không nói gì về bản ghi này / The answer says nothing about this record");
        }

        var verdicts = entries.Select(e => e.Code is { } code ? ReplyReader.VerdictOf(codes.Of(code)) : reply.Verdict).Distinct().ToArray();
        if (verdicts.Length > 1 || entries.Length < sameKey)
        {
            return Unknown(item, "many-results", "Trả lời nói về bản ghi này nhiều lần, khác nhau / The answer speaks of this record more than once, differently");
        }

        var (entryCode, message, receipt) = (entries[0].Code ?? reply.Code, entries[0].Message, entries[0].Receipt);
        return new RecordOutcome(item.Version, verdicts[0], ReplyText.Clean(entryCode, 40), entries[0].Code is null && message is null ? reply.Message : ReplyReader.Said(entryCode, message), receipt);
    }

    private static RecordOutcome Unknown(DeliveryItem item, string code, string message) => new(item.Version, Verdict.Unknown, code, message);

    private static string? KeyOf(DeliveryItem item, DeliveryKind kind, DvcqgOptions options) =>
        kind == DeliveryKind.Withdraw ? PayloadFields.Text(item.Key) : Join(PayloadFields.Read(item.Payload, options.RecordKey));

    private static string? Join(string?[] parts) => parts.Any(p => p is null) ? null : string.Join(Between, parts);

    private readonly record struct Entry(string? Key, string? Code, string? Message, string? Receipt)
    {
        public static Entry Read(JObject entry, DvcqgOptions options) => new(
            Join(PayloadFields.Read(entry, options.RecordKey)),
            ReplyCode.Read(entry["error_code"]),
            (entry["message"] as JValue)?.Value as string,
            options.Receipt is null ? null : PayloadFields.Read(entry, [options.Receipt])[0]);
    }
}

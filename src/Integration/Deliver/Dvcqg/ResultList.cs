using System.Buffers;

namespace Integration.Deliver.Dvcqg;

/// <summary>
/// Finds in <c>result[]</c> what the portal says about each record. Entries are known by the record's own fields: their order means nothing,
/// an entry may be missing, stand twice, or belong to nobody.
/// </summary>
internal static class ResultList
{
    /// <summary>Code of a record that the list does not speak of.</summary>
    public const string NoResult = "no-result";

    /// <returns>One outcome a record in the batch's order, or null when the list does not speak of records.</returns>
    public static (RecordOutcome[]? Outcomes, int Strangers) Match(PortalReply reply, DeliveryBatch batch, EntryFields fields, CodeBook codes)
    {
        var entries = reply.Result?.Entries(fields) ?? [];
        if (entries.Count == 0)
        {
            return (null, 0);
        }

        var words = new Words(reply, codes);
        if (batch.Items.Count == 1 && entries is [{ Key.IsEmpty: true } only])
        {
            // An answer about one record need not name it.
            return ([Outcome(batch.Items[0], new Said(only, words.VerdictOf(only)), sameKey: 1, words)], 0);
        }

        var index = new RecordIndex(batch, fields);
        var rented = ArrayPool<Said>.Shared.Rent(batch.Items.Count);
        try
        {
            var said = rented.AsSpan(0, batch.Items.Count);
            said.Clear();
            return Match(batch, entries, index, said, words);
        }
        finally
        {
            ArrayPool<Said>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <param name="said">Room for what is said about each record.</param>
    private static (RecordOutcome[] Outcomes, int Strangers) Match(DeliveryBatch batch, IReadOnlyList<ResultEntry> entries, RecordIndex index, Span<Said> said, Words words)
    {
        var strangers = 0;
        for (var e = 0; e < entries.Count; e++)
        {
            var entry = entries[e];
            if (index.Find(entry.Key.Span) is >= 0 and var first)
            {
                said[first] = said[first].Times == 0 ? new Said(entry, words.VerdictOf(entry)) : said[first].And(words.VerdictOf(entry));
            }
            else
            {
                strangers++;
            }
        }

        var outcomes = new RecordOutcome[batch.Items.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = index.FirstLike(i) is >= 0 and var first && said[first] is { Times: > 0 } known
                ? Outcome(batch.Items[i], known, index.Sharing(first), words)
                : Silent(batch.Items[i]);
        }

        return (outcomes, strangers);
    }

    /// <summary>The outcomes of a list that should have spoken of every record and spoke of none.</summary>
    public static RecordOutcome[] Silent(DeliveryBatch batch) => [.. batch.Items.Select(Silent)];

    private static RecordOutcome Silent(DeliveryItem item) => Unknown(item, NoResult, "Trả lời không nói gì về bản ghi này / The answer says nothing about this record");

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

    /// <summary>What the entries of one key come to.</summary>
    /// <param name="IsOne">All of them say the same.</param>
    private readonly record struct Said(ResultEntry First, Verdict Verdict, int Times = 1, bool IsOne = true)
    {
        public Said And(Verdict verdict) => this with { Times = Times + 1, IsOne = IsOne && verdict == Verdict };
    }

    /// <summary>What an entry's code and message mean, and how they may be kept; nearly always the same for a whole list.</summary>
    private sealed class Words(PortalReply reply, CodeBook codes)
    {
        private (string? Code, string? Message) _last;
        private (string Code, string Message)? _kept;
        private string? _lastCode;
        private Verdict? _verdict;

        public (string Code, string Message) Of(in ResultEntry entry)
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

        public Verdict VerdictOf(in ResultEntry entry)
        {
            if (_verdict is { } known && entry.Code == _lastCode)
            {
                return known;
            }

            var verdict = entry.Code is { } code ? ReplyReader.VerdictOf(codes.Of(code)) : reply.Verdict;
            (_lastCode, _verdict) = (entry.Code, verdict);
            return verdict;
        }
    }
}

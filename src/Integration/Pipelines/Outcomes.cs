using Integration.Deliver;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>What an answer that speaks of every record of a call means for each of them.</summary>
internal sealed class Outcomes
{
    private readonly Settlement[] _settlements;

    /// <param name="now">From when on whatever is not settled yet waits.</param>
    public Outcomes(IReadOnlyList<ClaimedVersion> part, IReadOnlyList<RecordOutcome> outcomes, DeliverySettings settings, DateTimeOffset now)
    {
        // Of a record without an outcome nothing is known: it stays as it is, and is asked for when its lease ends.
        _settlements = new Settlement[Math.Min(part.Count, outcomes.Count)];
        var settled = 0;
        for (var i = 0; i < _settlements.Length; i++)
        {
            var (version, outcome) = (part[i], outcomes[i]);
            if (outcome.Verdict is Verdict.AlreadyThere or Verdict.NotThere)
            {
                Contradicted.Add((version, outcome.Verdict));
                continue;
            }

            var settlement = Settle(version, outcome, settings, now);
            _settlements[settled++] = settlement;
            if (settlement.Next == Next.Acknowledge)
            {
                Taken++;
            }
            else if (settlement.Next == Next.Refuse)
            {
                (FirstRefused, LastRefused) = (Refused++ == 0 ? settlement : FirstRefused, settlement);
            }
        }

        Array.Resize(ref _settlements, settled);
    }

    /// <summary>Of all but the contradicted, in the order of the call.</summary>
    public IReadOnlyList<Settlement> Settlements => _settlements;

    /// <summary>Records of which the receiver says what the ledger does not believe: a create it already has, an update it has not.</summary>
    public List<(ClaimedVersion Version, Verdict Said)> Contradicted { get; } = [];

    public int Taken { get; }

    public int Refused { get; }

    public Settlement FirstRefused { get; }

    public Settlement LastRefused { get; }

    public static Settlement Refusal(long version, string code, string message) =>
        new(version, Next.Refuse, code, message, Rejection: new Rejection(Rules.RefusedByTarget.Code, null, null, null, $"{code} {message}".Trim()));

    private static Settlement Settle(ClaimedVersion version, in RecordOutcome outcome, DeliverySettings settings, DateTimeOffset now) => outcome.Verdict switch
    {
        Verdict.Accepted => new(version.Version, Next.Acknowledge, outcome.Code, outcome.Message, Receipt: outcome.Receipt, Memo: outcome.Memo),
        Verdict.Refused => Refusal(version.Version, outcome.Code, outcome.Message),
        Verdict.NextStep => new(version.Version, Next.Retry, outcome.Code, outcome.Message, Memo: outcome.Memo),
        Verdict.TryLater or Verdict.NotSent => new(version.Version, Next.Retry, outcome.Code, outcome.Message, now + settings.Backoff.After(version.Attempts + 1)),
        _ => new(version.Version, Next.Unknown, outcome.Code, outcome.Message, now + settings.Settle),
    };
}

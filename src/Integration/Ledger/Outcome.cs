using Integration.Records;

namespace Integration.Ledger;

/// <summary>What a settlement makes of a version that was leased. Pure, and the same for both stores.</summary>
/// <param name="Exists">The receiver holds an older version of the key.</param>
internal readonly record struct Outcome(RecordState State, bool Exists, bool NeedsPerson)
{
    /// <summary>The version is no longer on its way, so that a newer one may go.</summary>
    public bool FreesKey => State != RecordState.Unknown;

    /// <param name="newest">No newer version of the key is known.</param>
    public static Outcome Decide(Next next, bool newest, bool exists) => next switch
    {
        Next.Acknowledge => new(RecordState.Acknowledged, exists, false),
        Next.Refuse => new(newest ? RecordState.Quarantined : RecordState.Superseded, exists, false),
        Next.Retry => Again(newest, exists),
        Next.RetryAsUpdate => Again(newest, true),
        Next.RetryAsCreate => Again(newest, false),
        Next.Unknown => new(RecordState.Unknown, exists, false),
        Next.AskPerson => new(RecordState.Unknown, exists, true),
        _ => throw new ArgumentOutOfRangeException(nameof(next), next, null),
    };

    private static Outcome Again(bool newest, bool exists) => new(newest ? RecordState.Ready : RecordState.Superseded, exists, false);
}

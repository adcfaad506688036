using Integration.Records;

namespace Integration.Ledger;

/// <summary>A stored version, as far as the decision about a new entry needs it.</summary>
/// <param name="Exists">The receiver holds an older version of the key.</param>
/// <param name="Attempts">Calls it has been part of; 0: it certainly never left.</param>
internal readonly record struct Known(long Version, EntryKind Kind, RecordState State, ContentHash Hash, bool Exists, int Attempts = 0)
{
    public bool IsInFlight => State is RecordState.Leased or RecordState.Unknown;

    public bool Says(EntryKind kind, in ContentHash hash) => Kind == kind && (kind == EntryKind.Withdraw || Hash == hash);
}

internal enum Change : byte
{
    /// <summary>The ledger knows it already.</summary>
    None,

    /// <summary>A new version takes the place of the newest one.</summary>
    Add,

    /// <summary>The content went back to what the receiver has or is being told; the version in between is not needed.</summary>
    Restore,

    /// <summary>A record that never left is gone: nothing takes the place of the newest version.</summary>
    Remove,
}

/// <summary>What one entry of a slice means for the versions of its key. Pure, and the same for both stores.</summary>
/// <param name="State">Of the added version.</param>
/// <param name="Exists">Of the added version.</param>
/// <param name="Restored">The version that is the newest again.</param>
internal readonly record struct Intake(Change Change, RecordState State = default, bool Exists = false, long Restored = 0)
{
    /// <param name="newest">The newest version of the key.</param>
    /// <param name="inFlight">The leased or unknown version of the key; may be the newest.</param>
    /// <param name="acknowledged">The version acknowledged last; may be the newest.</param>
    /// <param name="parentMet">There is no parent, or a version of it was acknowledged.</param>
    public static Intake Decide(EntryKind kind, in ContentHash hash, Known? newest, Known? inFlight, Known? acknowledged, bool parentMet)
    {
        if (newest is not { } known)
        {
            return kind switch
            {
                EntryKind.Withdraw => new(Change.None),
                EntryKind.Reject => new(Change.Add, RecordState.Quarantined),
                _ => new(Change.Add, parentMet ? RecordState.Ready : RecordState.Waiting),
            };
        }

        if (known.Says(kind, hash))
        {
            return new(Change.None);
        }

        // What the receiver has is only certain while nothing is on its way to it, and nothing in between ever left: a version that was sent
        // and is ready again may have arrived after all.
        var mayHaveArrived = known is { Attempts: > 0, State: RecordState.Ready or RecordState.Waiting };
        if (!mayHaveArrived && (inFlight ?? acknowledged) is { } told && told.Version != known.Version && told.Says(kind, hash))
        {
            return new(Change.Restore, Restored: told.Version);
        }

        var exists = known.State == RecordState.Acknowledged ? known.Kind == EntryKind.Put : known.Exists;
        return kind switch
        {
            EntryKind.Reject => new(Change.Add, RecordState.Quarantined, exists),
            EntryKind.Withdraw when inFlight is null && !exists && !mayHaveArrived => new(Change.Remove),
            EntryKind.Withdraw => new(Change.Add, inFlight is null ? RecordState.Ready : RecordState.Waiting, exists),
            _ => new(Change.Add, inFlight is null && parentMet ? RecordState.Ready : RecordState.Waiting, exists),
        };
    }

    /// <summary>What becomes of a version when it is no longer the newest of its key.</summary>
    public static RecordState Displaced(RecordState state) => state is RecordState.Ready or RecordState.Waiting or RecordState.Quarantined or RecordState.Withheld
        ? RecordState.Superseded
        : state;
}

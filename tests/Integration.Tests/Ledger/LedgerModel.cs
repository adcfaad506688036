using Integration.Ledger;
using Integration.Records;

namespace Integration.Tests.Ledger;

/// <summary>What a ledger must hold of one pipeline without groups and parents, kept in memory: the pure rules on lists, and nothing of how it is stored.</summary>
internal sealed class LedgerModel
{
    private readonly Dictionary<string, List<Held>> _keys = new(StringComparer.Ordinal);

    public IEnumerable<Held> Versions => _keys.Values.SelectMany(static v => v);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Held> Of(string key) => [.. _keys.GetValueOrDefault(key, []).AsEnumerable().Reverse()];

    public Held? NewestOf(string key) => Of(key).SingleOrDefault(static v => v.Newest);

    public Held this[ClaimedVersion claimed] => _keys[claimed.Key].Single(v => v.Version == claimed.Version);

    public void Commit(EntryKind kind, string key, string payload, ContentHash hash)
    {
        var all = _keys.TryGetValue(key, out var known) ? known : _keys[key] = [];
        var newest = all.SingleOrDefault(static v => v.Newest);
        var inFlight = all.SingleOrDefault(static v => v.State is RecordState.Leased or RecordState.Unknown);
        var acknowledged = newest is { State: RecordState.Acknowledged } ? newest : all.LastOrDefault(static v => v.State == RecordState.Acknowledged);
        var intake = Intake.Decide(kind, hash, newest?.Known, inFlight?.Known, acknowledged?.Known, parentMet: true);
        if (intake.Change == Change.None)
        {
            return;
        }

        if (newest is not null)
        {
            (newest.Newest, newest.State) = (false, Intake.Displaced(newest.State));
        }

        if (intake.Change == Change.Restore)
        {
            all.Single(v => v.Serial == intake.Restored).Newest = true;
        }
        else if (intake.Change == Change.Add)
        {
            all.Add(new Held { Key = key, Serial = all.Count + 1, Kind = kind, Payload = payload, Hash = hash, State = intake.State, Exists = intake.Exists });
        }
    }

    public void Lease(Claim claim)
    {
        foreach (var claimed in claim.Versions)
        {
            (this[claimed].State, this[claimed].Token) = (RecordState.Leased, claim.Token);
        }
    }

    /// <returns>False when it is late.</returns>
    public bool Settle(Claim claim, ClaimedVersion claimed, Settlement settlement)
    {
        var version = this[claimed];
        version.Answers++;
        if (version.State != RecordState.Leased || version.Token != claim.Token)
        {
            return false;
        }

        var outcome = Outcome.Decide(settlement.Next, version.Newest, version.Exists);
        (version.State, version.Exists, version.Receipt) = (outcome.State, outcome.Exists, settlement.Receipt);
        version.Attempts++;
        Free(version, outcome.FreesKey);
        return true;
    }

    public void Return(Claim claim, ClaimedVersion claimed)
    {
        var version = this[claimed];
        if (version.State == RecordState.Leased && version.Token == claim.Token)
        {
            version.State = claim.What == ClaimKind.Unknown ? RecordState.Unknown : version.Newest ? RecordState.Ready : RecordState.Superseded;
            Free(version, version.State == RecordState.Superseded);
        }
    }

    public void Expire()
    {
        foreach (var version in Versions.Where(static v => v.State == RecordState.Leased))
        {
            version.State = RecordState.Unknown;
        }
    }

    private void Free(Held older, bool frees)
    {
        if (!frees || older.Newest || NewestOf(older.Key) is not { } newer)
        {
            return;
        }

        newer.Exists = older.State == RecordState.Acknowledged ? older.Kind == EntryKind.Put : older.Exists;
        if (newer.State == RecordState.Waiting)
        {
            (newer.State, newer.Newest) = newer is { Kind: EntryKind.Withdraw, Exists: false } ? (RecordState.Superseded, false) : (RecordState.Ready, true);
        }
    }

    internal sealed class Held
    {
        public required string Key { get; init; }

        /// <summary>Of its key, from 1.</summary>
        public required long Serial { get; init; }

        public required EntryKind Kind { get; init; }

        public required string Payload { get; init; }

        public required ContentHash Hash { get; init; }

        public required RecordState State { get; set; }

        public required bool Exists { get; set; }

        public bool Newest { get; set; } = true;

        public bool Damaged { get; set; }

        public bool NeedsPerson { get; set; }

        public int Attempts { get; set; }

        /// <summary>Attempts that said something about it, late ones too.</summary>
        public int Answers { get; set; }

        public long Token { get; set; }

        public string? Receipt { get; set; }

        /// <summary>The ledger's number, once it was read.</summary>
        public long Version { get; set; }

        public Known Known => new(Serial, Kind, State, Hash, Exists, Attempts);
    }
}

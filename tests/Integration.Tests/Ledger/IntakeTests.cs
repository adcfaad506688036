using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

public sealed class IntakeTests
{
    private static readonly ContentHash s_a = ContentHash.Of("A"u8);
    private static readonly ContentHash s_b = ContentHash.Of("B"u8);
    private static readonly ContentHash s_c = ContentHash.Of("C"u8);

    [Theory]
    [InlineData(EntryKind.Put, true, Change.Add, RecordState.Ready)]
    [InlineData(EntryKind.Put, false, Change.Add, RecordState.Waiting)]
    [InlineData(EntryKind.Reject, false, Change.Add, RecordState.Quarantined)]
    [InlineData(EntryKind.Withdraw, true, Change.None, RecordState.Ready)]
    internal void A_key_never_seen_is_added_unless_it_is_gone(EntryKind kind, bool parentMet, Change change, RecordState state) =>
        Assert.Equal(new Intake(change, state), Intake.Decide(kind, s_a, null, null, null, parentMet));

    [Theory]
    [InlineData(RecordState.Ready)]
    [InlineData(RecordState.Leased)]
    [InlineData(RecordState.Waiting)]
    [InlineData(RecordState.Unknown)]
    [InlineData(RecordState.Acknowledged)]
    [InlineData(RecordState.Quarantined)]
    [InlineData(RecordState.Withheld)]
    [InlineData(RecordState.Dismissed)]
    internal void Equal_content_is_unchanged_in_every_state(RecordState state)
    {
        var known = new Known(1, EntryKind.Put, state, s_a, false);
        Assert.Equal(Change.None, Intake.Decide(EntryKind.Put, s_a, known, null, null, true).Change);
    }

    [Fact]
    internal void A_put_with_the_hash_of_a_rejected_raw_row_is_something_new()
    {
        var refused = new Known(1, EntryKind.Reject, RecordState.Quarantined, s_a, false);
        Assert.Equal(new Intake(Change.Add, RecordState.Ready), Intake.Decide(EntryKind.Put, s_a, refused, null, null, true));
    }

    [Fact]
    internal void What_is_in_flight_counts_more_than_what_was_acknowledged_before_it()
    {
        var (a, b, c) = (Known(1, RecordState.Acknowledged, s_a), Known(2, RecordState.Unknown, s_b), Known(3, RecordState.Waiting, s_c));
        Assert.Equal(new Intake(Change.Restore, Restored: 2), Intake.Decide(EntryKind.Put, s_b, c, b, a, true));
        Assert.Equal(new Intake(Change.Add, RecordState.Waiting), Intake.Decide(EntryKind.Put, s_a, c, b, a, true));
        Assert.Equal(new Intake(Change.Restore, Restored: 1), Intake.Decide(EntryKind.Put, s_a, c, null, a, true));
    }

    [Fact]
    internal void A_withdrawal_is_needed_only_where_the_receiver_has_or_may_have_the_record()
    {
        Assert.Equal(Change.Remove, Intake.Decide(EntryKind.Withdraw, default, Known(1, RecordState.Ready, s_a), null, null, true).Change);
        Assert.Equal(new Intake(Change.Add, RecordState.Ready, true), Intake.Decide(EntryKind.Withdraw, default, Known(1, RecordState.Ready, s_a) with { Exists = true }, null, null, true));
        Assert.Equal(new Intake(Change.Add, RecordState.Ready, true), Intake.Decide(EntryKind.Withdraw, default, Known(1, RecordState.Acknowledged, s_a), null, null, true));
        var leased = Known(1, RecordState.Leased, s_a);
        Assert.Equal(new Intake(Change.Add, RecordState.Waiting), Intake.Decide(EntryKind.Withdraw, default, leased, leased, null, true));
    }

    [Theory]
    [InlineData(RecordState.Ready, RecordState.Superseded)]
    [InlineData(RecordState.Waiting, RecordState.Superseded)]
    [InlineData(RecordState.Quarantined, RecordState.Superseded)]
    [InlineData(RecordState.Leased, RecordState.Leased)]
    [InlineData(RecordState.Unknown, RecordState.Unknown)]
    [InlineData(RecordState.Acknowledged, RecordState.Acknowledged)]
    [InlineData(RecordState.Dismissed, RecordState.Dismissed)]
    internal void Only_what_has_not_left_is_superseded(RecordState state, RecordState displaced) => Assert.Equal(displaced, Intake.Displaced(state));

    private static Known Known(long version, RecordState state, ContentHash hash) => new(version, EntryKind.Put, state, hash, false);
}

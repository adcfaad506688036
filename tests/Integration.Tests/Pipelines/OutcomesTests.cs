using Integration.Deliver;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Pipelines;

public sealed class OutcomesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_verdict_becomes_what_the_ledger_knows_of_it()
    {
        var settings = new DeliverySettings();
        Verdict[] verdicts = [Verdict.Unknown, Verdict.Refused, Verdict.AlreadyThere, Verdict.Accepted, Verdict.NextStep, Verdict.TryLater, Verdict.NotSent, Verdict.NotThere, Verdict.Refused];
        var said = new Outcomes(
            [.. verdicts.Select((_, i) => new ClaimedVersion(i, $"k{i}", null, default, 0, null))],
            [.. verdicts.Select((v, i) => new RecordOutcome(i, v, $"c{i}", $"m{i}", $"r{i}", $"s{i}"))],
            settings, Now);

        Assert.Equal((1, 2, "c1", "c8"), (said.Taken, said.Refused, said.FirstRefused.Code, said.LastRefused.Code));
        Assert.Equal([(2, Verdict.AlreadyThere), (7, Verdict.NotThere)], said.Contradicted.Select(c => (c.Version.Version, c.Said)));
        Assert.Equal([(0, Next.Unknown), (1, Next.Refuse), (3, Next.Acknowledge), (4, Next.Retry), (5, Next.Retry), (6, Next.Retry), (8, Next.Refuse)],
            said.Settlements.Select(s => (s.Version, s.Next)));
        Assert.Equal((Now + settings.Settle, "c0", "m0"), (said.Settlements[0].NotBefore, said.Settlements[0].Code, said.Settlements[0].Message));
        Assert.Equal((Rules.RefusedByTarget.Code, "c1 m1"), (said.Settlements[1].Rejection?.Rule, said.Settlements[1].Rejection?.Detail));
        Assert.Equal(("r3", "s3"), (said.Settlements[2].Receipt, said.Settlements[2].Memo));
        Assert.Equal((default, "s4"), (said.Settlements[3].NotBefore, said.Settlements[3].Memo));
        Assert.All(said.Settlements.Skip(4).Take(2), s => Assert.True(s.NotBefore > Now));
    }

    [Fact]
    public void A_record_of_which_nothing_was_said_is_not_settled()
    {
        var said = new Outcomes(
            [new ClaimedVersion(1, "a", null, default, 0, null), new ClaimedVersion(2, "b", null, default, 0, null)],
            [new RecordOutcome(1, Verdict.Accepted, "0", "")], new DeliverySettings(), Now);
        Assert.Equal([1L], said.Settlements.Select(s => s.Version));
        Assert.Equal((1, 0), (said.Taken, said.Refused));
    }
}

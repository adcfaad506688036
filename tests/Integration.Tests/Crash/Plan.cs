using System.Globalization;
using PortalSimulator.Faults;

namespace Integration.Tests.Crash;

internal enum KillKind
{
    /// <summary>After so many calls of this worker, and a little later.</summary>
    AfterCalls,

    /// <summary>Soon after it is ready: while it recovers what the last one left.</summary>
    AfterReady,

    /// <summary>Before it is up.</summary>
    BeforeReady,

    /// <summary>By its own hand, at a failpoint.</summary>
    AtFailpoint,

    /// <summary>Its files are taken as they stand at one instant, and the next worker finds those (SQLite).</summary>
    PowerCut,

    /// <summary>At a failpoint on its way down after a polite request to end.</summary>
    WhileStopping,

    /// <summary>A <c>replay</c> by an operator is what dies, at a failpoint; the worker beside it is killed too.</summary>
    InReplay,
}

/// <param name="Point">Number of the failpoint.</param>
/// <param name="Hit">At which arrival it strikes.</param>
internal sealed record Kill(KillKind Kind, int Calls = 0, int DelayMs = 0, string? Point = null, int Hit = 1)
{
    public override string ToString() => Point is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Kind} {Calls} calls {DelayMs} ms") : string.Create(CultureInfo.InvariantCulture, $"{Kind} {Point}:{Hit}");
}

/// <summary>What a run of the harness does; the same for the same seed and store.</summary>
/// <param name="Transactions">Transactions and files the generator makes for each worker.</param>
/// <param name="DemandsPoints">A failpoint that is not reached fails the run.</param>
internal sealed record Plan(int Seed, string Store, IReadOnlyList<Kill> Kills, int Transactions, FaultPlan Faults, bool PerRecord, bool DemandsPoints = false)
{
    private static readonly string[] s_lookUps = ["TraCuuHoSo", "LayDVC"];

    public static Plan Of(int seed, string store, int kills)
    {
        var dice = new Random(seed ^ 0x2545F491);
        var chosen = new List<Kill>();
        while (chosen.Count < kills)
        {
            var what = dice.Next(100);
            var (calls, delay, point, hit) = (dice.Next(3, 25), dice.Next(60), Failpoints.WhileWorking[dice.Next(Failpoints.WhileWorking.Count)], dice.Next(1, 7));
            chosen.Add(what switch
            {
                < 12 => new Kill(KillKind.AfterReady, DelayMs: dice.Next(300)),
                < 18 => new Kill(KillKind.BeforeReady, DelayMs: dice.Next(300)),
                < 45 => new Kill(KillKind.AtFailpoint, Point: point, Hit: point is "P04" or "P05" ? hit * 5 : hit),
                < 55 when store == "sqlite" => new Kill(KillKind.PowerCut, calls, delay),
                _ => new Kill(KillKind.AfterCalls, calls, delay),
            });
        }

        return new Plan(seed, store, chosen, 22, Chaos(seed), seed % 2 == 0);
    }

    /// <summary>One worker after the other is killed at every failpoint there is.</summary>
    public static Plan ThroughFailpoints(string store, int hit)
    {
        var kills = new List<Kill> { new(KillKind.AtFailpoint, Point: "P17") };
        kills.AddRange(Failpoints.WhileWorking.Select(p => new Kill(KillKind.AtFailpoint, Point: p, Hit: p is "P21" or "P13" or "P14" ? 1 : hit)));
        kills.Add(new Kill(KillKind.WhileStopping, Calls: 4, Point: "P22"));
        kills.Add(new Kill(KillKind.InReplay, Point: "P16"));
        kills.Add(new Kill(KillKind.InReplay, Point: "P19"));
        return new Plan(900 + hit, store, kills, 12, Slow(900 + hit), PerRecord: false, DemandsPoints: true);
    }

    private static FaultPlan Slow(int seed) => new() { Seed = seed, Faults = [Wait("before", 12), Wait("after", 8)] };

    /// <summary>Everything a portal was ever seen to do, each now and then; in all about every sixth call meets something.</summary>
    private static FaultPlan Chaos(int seed) => new()
    {
        Seed = seed,
        Faults =
        [
            .. Slow(seed).Faults,

            // Applied at once and answered after the lease it was sent under would have ended.
            Wait("after", 1900, rate: 0.006),
            Now(FaultModes.CommitThenDrop, 0.025), Now(FaultModes.CommitThen500, 0.015), Now(FaultModes.CutBody, 0.01), Now(FaultModes.CutBodyLength, 0.008),
            Now(FaultModes.Drop, 0.012), Now(FaultModes.Empty200, 0.008), Now(FaultModes.Empty200, 0.01, when: "after"), Now(FaultModes.Html200, 0.006), Now(FaultModes.Answer502, 0.006),
            Now(FaultModes.SessionLost, 0.008), Now(FaultModes.Redirect302, 0.008), Now(FaultModes.Redirect302, 0.006, when: "after"),
            Now(FaultModes.Maintenance, 0.012, when: "after", retryAfter: ""), Now(FaultModes.Maintenance, 0.006, retryAfter: "1"), Now(FaultModes.Answer429, 0.006, retryAfter: "1"),
            Now(FaultModes.ResultsReversed, 0.1), Now(FaultModes.ResultsMissing, 0.02), Now(FaultModes.ResultsTwice, 0.02), Now(FaultModes.ResultsExtra, 0.03), Now(FaultModes.ResultsAndSessionWord, 0.03),
            .. s_lookUps.SelectMany(service => (FaultRule[])
            [
                Now(FaultModes.Nonsense200, 0.06, service), Now(FaultModes.ShowsPart, 0.12, service), Now(FaultModes.Empty200, 0.03, service), Now(FaultModes.Html200, 0.03, service),
                Now(FaultModes.CutBody, 0.03, service), Now(FaultModes.Maintenance200, 0.02, service),
            ]),
        ],
    };

    private static FaultRule Wait(string when, int delay, double rate = 1) => new() { Mode = FaultModes.Slow, When = when, DelayMs = delay, Rate = rate };

    private static FaultRule Now(string mode, double rate, string? service = null, string? when = null, string? retryAfter = null) =>
        new() { Mode = mode, Rate = rate, Service = service, When = when, RetryAfter = retryAfter };
}

using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.PortalSimulator.Faults;

public sealed class FaultBoardTests
{
    private const string Write = "DongBoHoSoMC";

    [Fact]
    public void The_same_seed_strikes_the_same_calls()
    {
        Assert.Equal(Struck(seed: 7, rate: 0.3), Struck(seed: 7, rate: 0.3));
        Assert.NotEqual(Struck(seed: 7, rate: 0.3), Struck(seed: 8, rate: 0.3));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.3, 2800, 3200)]
    [InlineData(1, 10_000, 10_000)]
    public void The_rate_is_the_share_of_struck_calls(double rate, int least, int most) => Assert.InRange(Struck(seed: 1, rate).Count(s => s), least, most);

    [Fact]
    public void Two_faults_of_one_plan_strike_different_calls()
    {
        var board = Board(new FaultRule { Mode = FaultModes.Slow, Rate = 0.5 }, new FaultRule { Mode = FaultModes.Answer500, Rate = 0.5 });

        var strikes = Enumerable.Range(0, 400).Select(_ => board.Draw(Write)).ToList();

        Assert.All<(int Delays, bool Answers)>([(0, false), (0, true), (1, false), (1, true)], both =>
            Assert.InRange(strikes.Count(s => (s.Delays.Count, s.Answering is not null) == both), 60, 140));
    }

    [Fact]
    public void Times_and_skip_say_exactly_which_calls()
    {
        var board = Board(new FaultRule { Mode = FaultModes.Answer500, Times = 2, Skip = 1 });

        Assert.Equal([null, "answer-500", "answer-500", null, null], Enumerable.Range(0, 5).Select(_ => board.Draw(Write).Name));
    }

    [Fact]
    public void The_first_fault_that_strikes_answers_and_the_others_keep_their_turn()
    {
        var board = Board(new FaultRule { Mode = FaultModes.Answer500, Times = 1 }, new FaultRule { Mode = FaultModes.Answer502, Times = 1 });

        Assert.Equal(["answer-500", "answer-502", null], Enumerable.Range(0, 3).Select(_ => board.Draw(Write).Name));
        Assert.Equal(new SortedDictionary<string, long> { ["answer-500"] = 1, ["answer-502"] = 1 }, board.Fired);
    }

    [Fact]
    public void Login_and_look_ups_are_spared_unless_named()
    {
        var all = new FaultRule { Mode = FaultModes.Answer500, Service = "*" };
        var one = new FaultRule { Mode = FaultModes.Answer500, Service = "TraCuuHoSo" };
        var writes = new FaultRule { Mode = FaultModes.Answer500 };

        Assert.Equal([true, true, true], Concerns(all));
        Assert.Equal([false, true, false], Concerns(one));
        Assert.Equal([false, false, true], Concerns(writes));

        static bool[] Concerns(FaultRule rule) => [rule.Concerns("login"), rule.Concerns("TraCuuHoSo"), rule.Concerns(Write)];
    }

    [Fact]
    public void A_fault_that_looks_for_a_record_spares_the_calls_without_it()
    {
        var board = Board(new FaultRule { Mode = FaultModes.Answer500, Holds = "HS-2" });

        Assert.Equal([null, "answer-500"], [board.Draw(Write, "HS-1"u8).Name, board.Draw(Write, "HS-1 HS-2"u8).Name]);
    }

    [Fact]
    public void A_new_plan_counts_afresh_and_the_total_stays()
    {
        var board = Board(new FaultRule { Mode = FaultModes.Answer500, Times = 1 });
        board.Draw(Write);
        board.Set(board.Plan);

        Assert.Equal("answer-500", board.Draw(Write).Name);
        Assert.Equal(2, board.Fired["answer-500"]);
        board.Clear();
        Assert.Null(board.Draw(Write).Name);
    }

    private static List<bool> Struck(long seed, double rate)
    {
        var board = new FaultBoard();
        board.Set(new FaultPlan { Seed = seed, Faults = [new FaultRule { Mode = FaultModes.Answer500, Rate = rate }] });
        return [.. Enumerable.Range(0, 10_000).Select(_ => board.Draw(Write).Answering is not null)];
    }

    private static FaultBoard Board(params FaultRule[] faults)
    {
        var board = new FaultBoard();
        board.Set(new FaultPlan { Seed = 1, Faults = faults });
        return board;
    }
}

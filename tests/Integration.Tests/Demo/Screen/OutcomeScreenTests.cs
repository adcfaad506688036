using Demo.Province;
using Demo.Screen;
using Integration.Ledger;
using Integration.Records;
using Spectre.Console;
using Xunit;

namespace Integration.Tests.Demo.Screen;

public sealed class OutcomeScreenTests
{
    private static readonly FailureGroup _refused = new(
        "dossiers", RecordState.Quarantined, new Rejection(Rules.LookupMissing.Code, "TrangThaiHoSo", "status", "[cho-phan-cong]", "dossier-status"), 1_250, "H60.02-250703-0001", default);

    [Fact]
    public void Every_number_of_a_pipeline_stands_in_its_row()
    {
        var shown = Show(Language.English, [Status(19_650, waiting: 12, ready: 3, refused: 350, unknown: 2)], [], null);

        Assert.Contains("│ dossiers │ 20,000 │ 7 │ 19,650 │ 15 │ 350 │ 2 │", Squeezed(shown), StringComparison.Ordinal);
    }

    [Fact]
    public void Refusals_show_their_reason_and_the_command_that_explains_the_largest()
    {
        var shown = Show(Language.Vietnamese, [Status(1, 0, 0, 1_250, 0)], [_refused], null);

        Assert.Contains("1.250", shown, StringComparison.Ordinal);
        Assert.Contains("Mã [cho-phan-cong] của status chưa có trong bảng mã dossier-status.", Squeezed(shown), StringComparison.Ordinal);
        Assert.Contains("./demo/integration explain dossiers H60.02-250703-0001", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(19_650, "yes")]
    [InlineData(19_649, "differs: 19650 / 0 / 350")]
    public void An_outcome_that_differs_from_the_expected_one_is_said(long acknowledged, string verdict)
    {
        var expected = new Expectation("dossiers", 20_000, 19_650, 0, 350, new Dictionary<DirtKind, int>());

        Assert.Contains(verdict, Show(Language.English, [Status(acknowledged, 0, 0, 350, 0)], [], [expected]), StringComparison.Ordinal);
    }

    private static PipelineStatus Status(long acknowledged, long waiting, long ready, long refused, long unknown) => new(
        "dossiers",
        new Dictionary<RecordState, long>
        {
            [RecordState.Acknowledged] = acknowledged, [RecordState.Waiting] = waiting, [RecordState.Ready] = ready,
            [RecordState.Quarantined] = refused, [RecordState.Unknown] = unknown, [RecordState.Superseded] = 99,
        },
        0, null, null, null, null, null,
        new RunRow(1, "dossiers", RunKind.Request, "worker", default, default, RunOutcome.Done, new SliceCounts(20_000, 7, 0, 0, 0, 350), null), null);

    private static string Show(Language language, IReadOnlyList<PipelineStatus> status, IReadOnlyList<FailureGroup> failures, IReadOnlyList<Expectation>? expected)
    {
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = 200;
        new OutcomeScreen(console, language, "./demo/integration").Show(status, failures, expected);
        return written.ToString();
    }

    private static string Squeezed(string text) => System.Text.RegularExpressions.Regex.Replace(text, " +", " ");
}

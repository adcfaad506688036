using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using Spectre.Console;

namespace Demo.Screen;

/// <summary>The bars of one pass: how many records of each pipeline have come to their end.</summary>
internal sealed class PassScreen(IAnsiConsole console, Language language)
{
    private readonly Wording _say = new(language);

    /// <param name="watch">The pass; tells at every look what the ledger holds.</param>
    public async Task<IReadOnlyList<PipelineStatus>> ShowAsync(
        IReadOnlyList<Expectation> expected, Func<Action<IReadOnlyList<PipelineStatus>>, Task<IReadOnlyList<PipelineStatus>>> watch)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            return await watch(_ => { });
        }

        IReadOnlyList<PipelineStatus> last = [];
        await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                var bars = expected.ToDictionary(e => e.Pipeline, e => progress.AddTask(e.Pipeline, maxValue: Math.Max(1, e.Extracted)), StringComparer.Ordinal);
                last = await watch(status =>
                {
                    foreach (var one in status.Where(s => bars.ContainsKey(s.Pipeline)))
                    {
                        bars[one.Pipeline].Description = $"{one.Pipeline} {_say.Say("đã xác nhận", "acknowledged")} {_say.Say(one.States.GetValueOrDefault(RecordState.Acknowledged))}";
                        bars[one.Pipeline].Value = Ended(one);
                    }
                });
                foreach (var bar in bars.Values)
                {
                    bar.Value = bar.MaxValue;
                }
            });
        return last;
    }

    // Waiting ones count as ended only when nothing else moves, which is when the pass is over.
    private static long Ended(PipelineStatus status) =>
        status.States.GetValueOrDefault(RecordState.Acknowledged) + status.States.GetValueOrDefault(RecordState.Quarantined) + status.States.GetValueOrDefault(RecordState.Dismissed);
}

using Integration.Ledger;
using Integration.Map;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// Maps again what was refused before it had a payload, from the raw rows the ledger kept: after a lookup or a mapping was corrected nobody has
/// to wait for the source to change, and a CSV file need not be dropped twice.
/// </summary>
internal sealed class Remapping(Pipeline pipeline, ILedger ledger, WorkerIdentity worker, ILogger<Remapping> log)
{
    private const int RowsAtOnce = 500;

    /// <returns>Records that are no longer refused; null when another process holds the pipeline's lease.</returns>
    public async Task<int?> RunAsync(FailureFilter filter, CancellationToken cancellationToken)
    {
        if (await ledger.TryLeaseAsync($"sync:{pipeline.Name}", worker.NewHolder(), TimeSpan.FromMinutes(5), cancellationToken) is not { } ticket)
        {
            return null;
        }

        try
        {
            var definition = pipeline.Definition;
            var run = await ledger.BeginRunAsync(
                new RunStart(definition.Name, RunKind.Replay, worker.Name, definition.Version.ToString(), definition.WaitsFor?.Pipeline), cancellationToken);
            var counts = default(SliceCounts);
            var outcome = RunOutcome.BrokenOff;
            try
            {
                counts = await MapAgainAsync(ticket, run, filter with { Pipeline = pipeline.Name }, cancellationToken);
                outcome = RunOutcome.Done;
            }
            finally
            {
                await ledger.EndRunAsync(run, new RunEnd(outcome, counts, null), CancellationToken.None);
            }

            var mapped = (int)(counts.Added + counts.Changed);
            log.MappedAgain(pipeline.Name, mapped);
            pipeline.Work.Set();
            return mapped;
        }
        finally
        {
            await ledger.ReleaseAsync(ticket, CancellationToken.None);
        }
    }

    private async Task<SliceCounts> MapAgainAsync(Ticket ticket, long run, FailureFilter filter, CancellationToken cancellationToken)
    {
        var counts = default(SliceCounts);
        var slice = new Slice();
        await foreach (var raw in ledger.ReadRefusedRawAsync(filter, cancellationToken))
        {
            // A row that never was one (ragged, badly quoted) has no columns to map; it comes again with a corrected file.
            if (TryRead(raw.Raw) is not { } page)
            {
                continue;
            }

            var faults = new List<Fault>();
            if (RecordReader.For(pipeline.Definition, page, faults) is { } records)
            {
                records.Read(page, slice, null);
            }

            if (slice.Entries.Count >= RowsAtOnce)
            {
                counts += await ledger.CommitSliceAsync(ticket, run, slice, cancellationToken);
                slice.Clear();
            }
        }

        return slice.Entries.Count == 0 ? counts : counts + await ledger.CommitSliceAsync(ticket, run, slice, cancellationToken);
    }

    private static RowPage? TryRead(byte[] raw)
    {
        try
        {
            return RawRow.Read(raw);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

using Integration.Ledger;
using Integration.Map;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// Maps again what was refused before it had a payload, from the raw rows the ledger kept: after a lookup or a mapping was corrected nobody has
/// to wait for the source to change, and a CSV file need not be dropped twice.
/// </summary>
internal sealed class Remapping(Pipeline pipeline, ILedger ledger, WorkerIdentity worker, ILogger log)
{
    private const int RowsAtOnce = 500;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    // Stored rows are of few shapes: one for each time that the query or the file changed its columns.
    private readonly Dictionary<string, RecordReader?> _readers = new(StringComparer.Ordinal);

    /// <returns>Records that are no longer refused; null when another process holds the pipeline's lease.</returns>
    public async Task<int?> RunAsync(FailureFilter filter, CancellationToken cancellationToken)
    {
        if (await ledger.TryLeaseAsync($"sync:{pipeline.Name}", worker.NewHolder(), Lease, cancellationToken) is not { } ticket)
        {
            return null;
        }

        try
        {
            return await RunAsync(ticket, filter, cancellationToken);
        }
        finally
        {
            await ledger.ReleaseAsync(ticket, CancellationToken.None);
        }
    }

    /// <summary>The same under a lease that is held already.</summary>
    public async Task<int?> RunAsync(Ticket ticket, FailureFilter filter, CancellationToken cancellationToken)
    {
        var definition = pipeline.Definition;

        // That a new mapping was taken up is written by the sync that follows, never here: this run may be one of a few records, or be cut off.
        var known = (await ledger.ReadControlAsync(pipeline.Name, cancellationToken)).MappingVersion ?? definition.Version.ToString();
        var run = await ledger.BeginRunAsync(new RunStart(definition.Name, RunKind.Replay, worker.Name, known, definition.WaitsFor?.Pipeline), cancellationToken);
        var counts = default(SliceCounts);
        var outcome = RunOutcome.BrokenOff;
        try
        {
            counts = await MapAgainAsync(ticket, run, filter with { Pipeline = pipeline.Name }, cancellationToken);
            outcome = RunOutcome.Done;
        }
        catch (LeaseLostException)
        {
            return null;
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

    private async Task<SliceCounts> MapAgainAsync(Ticket ticket, long run, FailureFilter filter, CancellationToken cancellationToken)
    {
        var counts = default(SliceCounts);
        var slice = new Slice { Batch = pipeline.Target.Traits.LargestBatch };
        await foreach (var raw in ledger.ReadRefusedRawAsync(filter, cancellationToken))
        {
            // A row that never was one (ragged, badly quoted) has no columns to map; it comes again with a corrected file.
            if (TryRead(raw.Raw) is { } page)
            {
                ReaderOf(page)?.ReadStored(page, raw.Key, slice);
            }

            if (slice.Entries.Count >= RowsAtOnce)
            {
                counts += await CommitAsync(ticket, run, slice, cancellationToken);
            }
        }

        return counts + await CommitAsync(ticket, run, slice, cancellationToken);
    }

    private async Task<SliceCounts> CommitAsync(Ticket ticket, long run, Slice slice, CancellationToken cancellationToken)
    {
        if (slice.Entries.Count == 0)
        {
            return default;
        }

        if (!await ledger.RenewAsync(ticket, Lease, cancellationToken))
        {
            throw new LeaseLostException(ticket.Job);
        }

        var counts = await ledger.CommitSliceAsync(ticket, run, slice, cancellationToken);
        slice.Clear();
        return counts;
    }

    /// <returns>Null when the stored row lacks a column that the map reads by now: only the source can tell what stands there.</returns>
    private RecordReader? ReaderOf(RowPage page)
    {
        var children = page.Children.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => c.Value.Rows.Shape.Columns.Prepend($"\0{c.Key}"));
        var shape = string.Join('\n', page.Shape.Columns.Concat(children));
        if (!_readers.TryGetValue(shape, out var reader))
        {
            _readers[shape] = reader = RecordReader.For(pipeline.Definition, page, []);
        }

        return reader;
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

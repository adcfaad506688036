using System.Collections.Concurrent;
using Integration.Deliver;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <param name="Same">The receiver shows nothing else than what was acknowledged.</param>
/// <param name="Missing">It does not have them.</param>
/// <param name="Different">It holds something else.</param>
/// <param name="Unanswered">Why it could not be asked to the end; null: every record was compared.</param>
internal sealed record Comparison(long Same, IReadOnlyList<AcknowledgedRecord> Missing, IReadOnlyList<AcknowledgedRecord> Different, Text? Unanswered)
{
    public long Compared => Same + Missing.Count + Different.Count;
}

/// <summary>
/// Asks the receiver about every record it acknowledged. A receiver that was restored from a backup, or cleaned by hand, no longer has what the
/// ledger believes; only a comparison tells.
/// </summary>
internal sealed class Reconciliation(Pipeline pipeline, ILedger ledger, DeliverySettings settings)
{
    private const int Page = 200;

    /// <summary>Compares, and changes nothing. The payloads of what it finds are let go.</summary>
    public async Task<Comparison> CompareAsync(CancellationToken cancellationToken)
    {
        var (missing, different) = (new ConcurrentBag<AcknowledgedRecord>(), new ConcurrentBag<AcknowledgedRecord>());
        var same = 0L;
        Text? unanswered = null;
        for (var after = 0L; unanswered is null && await ledger.ReadAcknowledgedAsync(pipeline.Name, after, Page, cancellationToken) is { Count: > 0 } page;)
        {
            after = page[^1].Version;
            await Parallel.ForEachAsync(
                page.TakeWhile(_ => unanswered is null),
                new ParallelOptions { MaxDegreeOfParallelism = settings.InFlight, CancellationToken = cancellationToken },
                async (record, token) =>
                {
                    var reply = await pipeline.Target.LookUpAsync(new DeliveryItem(record.Version, record.Key, record.Payload, record.Memo), token);
                    switch (reply.Verdict)
                    {
                        case LookUpVerdict.Same or LookUpVerdict.SameAsFarAsShown:
                            Interlocked.Increment(ref same);
                            break;
                        case LookUpVerdict.Absent:
                            missing.Add(record with { Payload = default });
                            break;
                        case LookUpVerdict.NoAnswer:
                            unanswered = Text.OfMessage(reply.Code, reply.Message);
                            break;
                        default:
                            different.Add(record with { Payload = default });
                            break;
                    }
                });
        }

        return new Comparison(same, Ordered(missing), Ordered(different), unanswered);
    }

    /// <summary>Puts what was found in doubt: the lane asks the receiver once more and sends what it still does not have.</summary>
    /// <returns>How many; a record that changed meanwhile is on its way by itself.</returns>
    public async Task<int> DoubtAsync(IEnumerable<AcknowledgedRecord> found, Decision decision, CancellationToken cancellationToken)
    {
        var doubted = 0;
        foreach (var part in found.Select(f => f.Version).Chunk(1000))
        {
            doubted += await ledger.DoubtAsync(pipeline.Name, part, settings.Settle, decision, cancellationToken);
        }

        pipeline.Work.Set();
        return doubted;
    }

    private static IReadOnlyList<AcknowledgedRecord> Ordered(IEnumerable<AcknowledgedRecord> found) => [.. found.OrderBy(f => f.Version)];
}

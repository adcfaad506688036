using Integration.Deliver;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// What becomes of records of which nobody knows whether they arrived: the receiver is asked, record by record, before anything is repeated.
/// Where it cannot be asked, and repeating is not harmless, a person decides.
/// </summary>
internal sealed class Inquiry(Pipeline pipeline, DeliverySettings settings, CallTurns turns, LaneRest rest, TimeProvider clock, ILogger log)
{
    /// <summary>Asks the receiver about what was claimed as unknown.</summary>
    public async Task AskAsync(ClaimWork work, CancellationToken abort)
    {
        var claim = work.Claim;
        try
        {
            if (!pipeline.Target.Traits.CanLookUp)
            {
                await DecideUnaskedAsync(work, abort);
                return;
            }

            for (var i = 0; i < claim.Versions.Count; i++)
            {
                if (!await work.HoldAsync(abort))
                {
                    return;
                }

                if (!await AskOrGiveUpAsync(work, claim.Versions[i], abort))
                {
                    await work.ReturnAsync(claim.Versions.Skip(i), CancellationToken.None);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            await work.ReturnAsync(claim.Versions, CancellationToken.None);
        }
        finally
        {
            work.TellLate();
        }
    }

    // Two deaths alone, and a record is not sent again; one more with the question, and it is not even asked for.
    private async Task<bool> AskOrGiveUpAsync(ClaimWork work, ClaimedVersion version, CancellationToken abort)
    {
        if (version.LostAlone <= settings.CrashesAlone)
        {
            return await AskOneAsync(work, version, abort);
        }

        log.CrashSuspect(pipeline.Name, version.LostAlone);
        await work.SettleAsync(work.NoCall(1), [new Settlement(version.Version, Next.AskPerson, "", "", Rejection: Suspicion(version))], abort);
        return true;
    }

    /// <summary>What becomes of a version that is certainly not there, or harmless to repeat: it is sent again, unless that killed workers.</summary>
    private Settlement SetAsideIfSuspect(ClaimedVersion version, Settlement settlement)
    {
        if (settlement.Next is not (Next.Retry or Next.RetryAsCreate or Next.RetryAsUpdate) || version.LostAlone < settings.CrashesAlone)
        {
            return settlement;
        }

        log.CrashSuspect(pipeline.Name, version.LostAlone);
        return settlement with { Next = Next.Refuse, Rejection = Suspicion(version) };
    }

    private static Rejection Suspicion(ClaimedVersion version) =>
        new(Rules.CrashSuspect.Code, null, null, null, version.LostAlone.ToString(System.Globalization.CultureInfo.InvariantCulture));

    // Neither asking nor guessing is possible: repeat where that is harmless by the target's own word, else leave it to a person.
    private async Task DecideUnaskedAsync(ClaimWork work, CancellationToken abort)
    {
        var versions = work.Claim.Versions;
        if (pipeline.Target.Traits.RepeatIsSafe)
        {
            await work.SettleAsync(work.NoCall(versions.Count), [.. versions.Select(v => SetAsideIfSuspect(v, new Settlement(v.Version, Next.Retry, "", "")))], abort);
            return;
        }

        var rejection = new Rejection(Rules.NeedsPerson.Code, null, null, null, pipeline.Definition.Target.Connection);
        await work.SettleAsync(work.NoCall(versions.Count), [.. versions.Select(v => new Settlement(v.Version, Next.AskPerson, "", "", Rejection: rejection))], abort);
        log.PersonNeeded(pipeline.Name, versions.Count);
    }

    /// <returns>False when the receiver could not be asked, or may not be by now, and the lane must rest.</returns>
    public async Task<bool> AskOneAsync(ClaimWork work, ClaimedVersion version, CancellationToken abort)
    {
        using var turn = await turns.TakeAsync(work, abort);
        if (turn is null)
        {
            return false;
        }

        var started = clock.GetUtcNow();
        Failpoint.Handle("ask", version.Key);
        var reply = await work.CallAsync(() => pipeline.Target.LookUpAsync(new DeliveryItem(version.Version, version.Key, version.Payload, version.Memo), abort), abort);
        var attempt = work.Called(AttemptKind.LookUp, started, 1, reply.Exchange, reply.Code, reply.Message);
        var now = clock.GetUtcNow();
        var withdrawn = work.Claim.Kind == EntryKind.Withdraw;
        var isOurCreate = work.Claim is { What: ClaimKind.Unknown, Exists: false };
        var settlement = reply.Verdict switch
        {
            LookUpVerdict.Same when !withdrawn => new Settlement(version.Version, Next.Acknowledge, reply.Code, reply.Message, Receipt: reply.Receipt),
            LookUpVerdict.SameAsFarAsShown when !withdrawn && isOurCreate => new Settlement(version.Version, Next.Acknowledge, reply.Code, reply.Message, Receipt: reply.Receipt),
            LookUpVerdict.Absent when withdrawn => new Settlement(version.Version, Next.Acknowledge, reply.Code, reply.Message, Receipt: reply.Receipt),
            LookUpVerdict.Absent => new Settlement(version.Version, Next.RetryAsCreate, reply.Code, reply.Message, AfterDoubts(version)),
            LookUpVerdict.NoAnswer => new Settlement(version.Version, Next.Unknown, reply.Code, reply.Message, now + settings.Backoff.After(version.Attempts + 1)),
            _ => new Settlement(version.Version, Next.RetryAsUpdate, reply.Code, reply.Message, AfterDoubts(version)),
        };
        var isOurs = await work.SettleAsync(attempt, [SetAsideIfSuspect(version, settlement)], CancellationToken.None);
        if (reply.Verdict != LookUpVerdict.NoAnswer)
        {
            rest.Answered();
            return true;
        }

        if (isOurs)
        {
            await rest.ParkAsync(rest.Until(reply.RetryAfter), reply.Code, reply.Message);
        }

        return false;
    }

    // A receiver that contradicts itself (has it, has it not) is not asked in a tight circle.
    private DateTimeOffset AfterDoubts(ClaimedVersion version) => version.Attempts < 3 ? default : clock.GetUtcNow() + settings.Backoff.After(version.Attempts);
}

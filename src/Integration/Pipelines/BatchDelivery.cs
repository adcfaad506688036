using Integration.Deliver;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// Takes one claim to its end: every version of it is settled or given back. A refused batch is halved until the bad record stands alone, so
/// one bad record of n costs at most 2·log2(n) + 1 calls and the others are delivered.
/// </summary>
internal sealed class BatchDelivery(Pipeline pipeline, ILedger ledger, DeliverySettings settings, Inquiry inquiry, CallTurns turns, LaneRest rest, TimeProvider clock, ILogger log)
{
    public RefusalWatch Refusals { get; } = new(settings.PauseAfterRefusals);

    /// <summary>Sends what was claimed as ready.</summary>
    public async Task SendAsync(ClaimWork work, CancellationToken abort)
    {
        var claim = work.Claim;
        if (claim.Kind == EntryKind.Withdraw && !pipeline.Target.Traits.CanWithdraw)
        {
            var cannot = new Rejection(Rules.WithdrawalUnsupported.Code, null, null, null, null);
            await work.SettleAsync(work.NoCall(claim.Versions.Count), All(claim.Versions, v => new Settlement(v, Next.Refuse, "", "", Rejection: cannot)), abort);
            return;
        }

        // Halves wait here, first half on top: order within a group is kept.
        var parts = new Stack<IReadOnlyList<ClaimedVersion>>();
        parts.Push(claim.Versions);
        try
        {
            while (parts.TryPop(out var part))
            {
                if (!await work.HoldAsync(abort))
                {
                    return;
                }

                if (!await SendPartAsync(work, part, parts, abort))
                {
                    await work.ReturnAsync(parts.SelectMany(p => p), CancellationToken.None);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // Nothing of what is left was sent: the target tells "cancelled before the first byte" from "unknown".
            await work.ReturnAsync(claim.Versions, CancellationToken.None);
        }
        finally
        {
            work.TellLate();
        }
    }

    // The turn is kept until the ledger knows what the answer means for the lane, unless it means nothing: the next call is then on its way
    // while this answer is stored.
    /// <returns>False when the lane must rest and the rest of the claim be given back.</returns>
    private async Task<bool> SendPartAsync(ClaimWork work, IReadOnlyList<ClaimedVersion> part, Stack<IReadOnlyList<ClaimedVersion>> parts, CancellationToken abort)
    {
        using var turn = await turns.TakeAsync(work, abort);
        if (turn is null || Refusals.IsStopped)
        {
            await work.ReturnAsync(part, CancellationToken.None);
            return false;
        }

        var kind = KindOf(work.Claim);
        var started = clock.GetUtcNow();
        var items = new DeliveryItem[part.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var v = part[i];
            items[i] = new DeliveryItem(v.Version, v.Key, v.Payload, v.Memo);
            Failpoint.Handle("send", v.Key);
        }

        var reply = await work.CallAsync(() => pipeline.Target.SendAsync(new DeliveryBatch(kind, items) { StillHeld = work.StillHeld }, abort), abort);
        if (reply.Verdict == Verdict.NotSent && work.IsWithheld)
        {
            log.LeaseOver(pipeline.Name, part.Count);
            await work.ReturnAsync(part, CancellationToken.None);
            return false;
        }

        log.Sent(pipeline.Name, part.Count, kind, reply.Code, reply.Verdict);
        var attempt = work.Called(AttemptKind.Send, started, part.Count, reply.Exchange, reply.Code, reply.Message);

        if (reply.Outcomes is { } outcomes)
        {
            rest.Answered();
            return await SettleOneByOneAsync(work, turn, part, attempt, outcomes, abort);
        }

        switch (reply.Verdict)
        {
            case Verdict.Accepted:
                rest.Answered();
                Refusals.Accepted();
                turn.Dispose();
                await work.SettleAsync(attempt, All(part, v => new Settlement(v, Next.Acknowledge, reply.Code, reply.Message)), CancellationToken.None);
                return true;

            case Verdict.Refused when part.Count > 1:
                await work.SettleAsync(attempt, [], CancellationToken.None);
                parts.Push([.. part.Skip(part.Count / 2)]);
                parts.Push([.. part.Take(part.Count / 2)]);
                return true;

            case Verdict.Refused:
                log.Refused(pipeline.Name, 1, reply.Code);
                await work.SettleAsync(attempt, [Outcomes.Refusal(part[0].Version, reply.Code, reply.Message)], CancellationToken.None);
                return !await StopsAsync(1, reply.Code, reply.Message);

            case Verdict.AlreadyThere or Verdict.NotThere:
                await work.SettleAsync(attempt, [], CancellationToken.None);
                turn.Dispose();
                return await SortOutAsync(work, part, reply.Verdict, abort);

            case Verdict.NextStep:
                throw new InvalidOperationException("A next step is an outcome of one record and must come with outcomes.");

            case Verdict.TryLater or Verdict.NotSent:
                var until = rest.Until(reply.RetryAfter);
                if (await work.SettleAsync(attempt, All(part, v => new Settlement(v, Next.Retry, reply.Code, reply.Message, until)), CancellationToken.None))
                {
                    await rest.ParkAsync(until, reply.Code, reply.Message);
                }

                return false;

            default:
                log.OutcomeUnknown(pipeline.Name, part.Count, reply.Code);
                var ask = clock.GetUtcNow() + settings.Settle;
                if (await work.SettleAsync(attempt, All(part, v => new Settlement(v, Next.Unknown, reply.Code, reply.Message, ask)), CancellationToken.None))
                {
                    await rest.ParkAsync(rest.Until(reply.RetryAfter), reply.Code, reply.Message);
                }

                return false;
        }
    }

    private async Task<bool> SettleOneByOneAsync(
        ClaimWork work, CallTurn turn, IReadOnlyList<ClaimedVersion> part, Attempt attempt, IReadOnlyList<RecordOutcome> outcomes, CancellationToken abort)
    {
        var said = new Outcomes(part, outcomes, settings, clock.GetUtcNow());
        if (said.Refused > 0)
        {
            log.Refused(pipeline.Name, said.Refused, said.FirstRefused.Code);
        }

        if (said.Taken > 0)
        {
            Refusals.Accepted();
            turn.Dispose();
        }

        await work.SettleAsync(attempt, said.Settlements, CancellationToken.None);
        if (said.Taken == 0 && said.Refused > 0 && await StopsAsync(said.Refused, said.LastRefused.Code, said.LastRefused.Message))
        {
            await work.ReturnAsync(part, CancellationToken.None);
            return false;
        }

        // Asking takes turns of its own.
        turn.Dispose();
        foreach (var contradicted in said.Contradicted.GroupBy(c => c.Said))
        {
            if (!await SortOutAsync(work, [.. contradicted.Select(c => c.Version)], contradicted.Key, abort))
            {
                return false;
            }
        }

        // What is still open may have later ones of its group in the other half: those go after it, with a claim of their own.
        return said.Taken + said.Refused == part.Count;
    }

    /// <returns>True when the pipeline was paused for it.</returns>
    private async Task<bool> StopsAsync(int refused, string code, string message)
    {
        if (Refusals.Refused(refused) is not { } inARow)
        {
            return false;
        }

        await EmergencyBrake.PullAsync(ledger, pipeline.Name, EmergencyBrake.AllRefused(pipeline.Name, inARow, code, message), log, CancellationToken.None);
        return true;
    }

    // The receiver contradicts what the ledger believes (a create it already has, an update it has not). Asking record by record costs at
    // most one look-up each and settles every one of them; halving would cost twice as many sends and could go round in circles.
    private async Task<bool> SortOutAsync(ClaimWork work, IReadOnlyList<ClaimedVersion> part, Verdict said, CancellationToken abort)
    {
        if (!pipeline.Target.Traits.CanLookUp)
        {
            var next = said == Verdict.AlreadyThere ? Next.RetryAsUpdate : Next.RetryAsCreate;
            if (part.Count == 1)
            {
                await work.SettleAsync(work.NoCall(1), [new Settlement(part[0].Version, next, "", "", clock.GetUtcNow() + settings.Backoff.After(part[0].Attempts + 1))], CancellationToken.None);
                return true;
            }

            // Which of them is meant is not known: one by one from now on, through the same path.
            foreach (var version in part)
            {
                var single = new Stack<IReadOnlyList<ClaimedVersion>>();
                if (!await work.HoldAsync(abort) || !await SendPartAsync(work, [version], single, abort))
                {
                    await work.ReturnAsync(part, CancellationToken.None);
                    return false;
                }
            }

            return true;
        }

        foreach (var version in part)
        {
            if (!await work.HoldAsync(abort) || !await inquiry.AskOneAsync(work, version, abort))
            {
                await work.ReturnAsync(part, CancellationToken.None);
                return false;
            }
        }

        return true;
    }

    private static DeliveryKind KindOf(Claim claim) => (claim.Kind, claim.Exists) switch
    {
        (EntryKind.Withdraw, _) => DeliveryKind.Withdraw,
        (_, true) => DeliveryKind.Update,
        _ => DeliveryKind.Create,
    };

    private static Settlement[] All(IReadOnlyList<ClaimedVersion> part, Func<long, Settlement> settle)
    {
        var all = new Settlement[part.Count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = settle(part[i].Version);
        }

        return all;
    }
}

using Integration.Deliver;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// Takes one claim to its end: every version of it is settled or given back. A refused batch is halved until the bad record stands alone, so
/// one bad record of n costs at most 2·log2(n) + 1 calls and the others are delivered.
/// </summary>
internal sealed class BatchDelivery(Pipeline pipeline, ILedger ledger, WorkerIdentity worker, DeliverySettings settings, TimeProvider clock, ILogger log)
{
    private int _failuresInARow;

    public RefusalWatch Refusals { get; } = new(settings.PauseAfterRefusals);

    /// <summary>Sends what was claimed as ready.</summary>
    /// <param name="age">Begun before the claim was asked for.</param>
    public async Task SendAsync(Claim claim, LeaseAge age, CancellationToken abort)
    {
        var work = Work(claim, age, abort);
        if (claim.Kind == EntryKind.Withdraw && !pipeline.Target.Traits.CanWithdraw)
        {
            var cannot = new Rejection(Rules.WithdrawalUnsupported.Code, null, null, null, null);
            await work.SettleAsync(NoCall(claim.Versions.Count), claim.Versions.Select(v => new Settlement(v.Version, Next.Refuse, "", "", Rejection: cannot)), abort);
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

                if (Refusals.IsStopped)
                {
                    await work.ReturnAsync(claim.Versions, CancellationToken.None);
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
            ReportLate(work);
        }
    }

    /// <summary>Asks the receiver about what was claimed as unknown.</summary>
    /// <param name="age">Begun before the claim was asked for.</param>
    public async Task AskAsync(Claim claim, LeaseAge age, CancellationToken abort)
    {
        var work = Work(claim, age, abort);
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
                    await work.ReturnAsync(claim.Versions.Skip(i + 1), CancellationToken.None);
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
            ReportLate(work);
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
        await work.SettleAsync(NoCall(1), [new Settlement(version.Version, Next.AskPerson, "", "", Rejection: Suspicion(version))], abort);
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
            await work.SettleAsync(NoCall(versions.Count), versions.Select(v => SetAsideIfSuspect(v, new Settlement(v.Version, Next.Retry, "", ""))), abort);
            return;
        }

        var rejection = new Rejection(Rules.NeedsPerson.Code, null, null, null, pipeline.Definition.Target.Connection);
        await work.SettleAsync(NoCall(versions.Count), versions.Select(v => new Settlement(v.Version, Next.AskPerson, "", "", Rejection: rejection)), abort);
        log.PersonNeeded(pipeline.Name, versions.Count);
    }

    /// <returns>False when the lane must rest and the rest of the claim be given back.</returns>
    private async Task<bool> SendPartAsync(ClaimWork work, IReadOnlyList<ClaimedVersion> part, Stack<IReadOnlyList<ClaimedVersion>> parts, CancellationToken abort)
    {
        var kind = KindOf(work.Claim);
        var started = clock.GetUtcNow();
        var items = part.Select(v => new DeliveryItem(v.Version, v.Key, v.Payload, v.Memo)).ToArray();
        foreach (var version in part)
        {
            Failpoint.Handle("send", version.Key);
        }

        var reply = await work.CallAsync(() => pipeline.Target.SendAsync(new DeliveryBatch(kind, items) { StillHeld = work.StillHeld }, abort), abort);
        if (reply.Verdict == Verdict.NotSent && work.IsWithheld)
        {
            log.LeaseOver(pipeline.Name, part.Count);
            await work.ReturnAsync(part, CancellationToken.None);
            return false;
        }

        log.Sent(pipeline.Name, part.Count, kind, reply.Code, reply.Verdict);
        var attempt = Written(AttemptKind.Send, started, part.Count, reply.Exchange, reply.Code, reply.Message);

        if (reply.Outcomes is { } outcomes)
        {
            _failuresInARow = 0;
            return await SettleOneByOneAsync(work, part, attempt, outcomes, abort);
        }

        switch (reply.Verdict)
        {
            case Verdict.Accepted:
                _failuresInARow = 0;
                Refusals.Accepted();
                await work.SettleAsync(attempt, part.Select(v => new Settlement(v.Version, Next.Acknowledge, reply.Code, reply.Message)), CancellationToken.None);
                return true;

            case Verdict.Refused when part.Count > 1:
                await work.SettleAsync(attempt, [], CancellationToken.None);
                parts.Push([.. part.Skip(part.Count / 2)]);
                parts.Push([.. part.Take(part.Count / 2)]);
                return true;

            case Verdict.Refused:
                log.Refused(pipeline.Name, 1, reply.Code);
                await work.SettleAsync(attempt, [Refusal(part[0].Version, reply.Code, reply.Message)], CancellationToken.None);
                return !await StopsAsync(1, reply.Code, reply.Message);

            case Verdict.AlreadyThere or Verdict.NotThere:
                await work.SettleAsync(attempt, [], CancellationToken.None);
                return await SortOutAsync(work, part, reply.Verdict, abort);

            case Verdict.NextStep:
                throw new InvalidOperationException("A next step is an outcome of one record and must come with outcomes.");

            case Verdict.TryLater or Verdict.NotSent:
                var until = RestUntil(reply.RetryAfter);
                if (await work.SettleAsync(attempt, part.Select(v => new Settlement(v.Version, Next.Retry, reply.Code, reply.Message, until)), CancellationToken.None))
                {
                    await ParkAsync(until, reply.Code, reply.Message);
                }

                return false;

            default:
                log.OutcomeUnknown(pipeline.Name, part.Count, reply.Code);
                var ask = clock.GetUtcNow() + settings.Settle;
                if (await work.SettleAsync(attempt, part.Select(v => new Settlement(v.Version, Next.Unknown, reply.Code, reply.Message, ask)), CancellationToken.None))
                {
                    await ParkAsync(RestUntil(reply.RetryAfter), reply.Code, reply.Message);
                }

                return false;
        }
    }

    private async Task<bool> SettleOneByOneAsync(ClaimWork work, IReadOnlyList<ClaimedVersion> part, Attempt attempt, IReadOnlyList<RecordOutcome> outcomes, CancellationToken abort)
    {
        var now = clock.GetUtcNow();
        var settlements = new List<Settlement>(part.Count);
        var contradicted = new List<(ClaimedVersion Version, Verdict Said)>();
        foreach (var (version, outcome) in part.Zip(outcomes))
        {
            switch (outcome.Verdict)
            {
                case Verdict.Accepted:
                    settlements.Add(new(version.Version, Next.Acknowledge, outcome.Code, outcome.Message, Receipt: outcome.Receipt, Memo: outcome.Memo));
                    break;
                case Verdict.Refused:
                    settlements.Add(Refusal(version.Version, outcome.Code, outcome.Message));
                    break;
                case Verdict.AlreadyThere or Verdict.NotThere:
                    contradicted.Add((version, outcome.Verdict));
                    break;
                case Verdict.NextStep:
                    settlements.Add(new(version.Version, Next.Retry, outcome.Code, outcome.Message, Memo: outcome.Memo));
                    break;
                case Verdict.TryLater or Verdict.NotSent:
                    settlements.Add(new(version.Version, Next.Retry, outcome.Code, outcome.Message, now + Backoff.After(version.Attempts + 1)));
                    break;
                default:
                    settlements.Add(new(version.Version, Next.Unknown, outcome.Code, outcome.Message, now + settings.Settle));
                    break;
            }
        }

        var refused = settlements.Where(s => s.Next == Next.Refuse).ToArray();
        if (refused.Length > 0)
        {
            log.Refused(pipeline.Name, refused.Length, refused[0].Code);
        }

        await work.SettleAsync(attempt, settlements, CancellationToken.None);
        if (settlements.Any(s => s.Next == Next.Acknowledge))
        {
            Refusals.Accepted();
        }
        else if (refused.Length > 0 && await StopsAsync(refused.Length, refused[^1].Code, refused[^1].Message))
        {
            await work.ReturnAsync(part, CancellationToken.None);
            return false;
        }

        foreach (var said in contradicted.GroupBy(c => c.Said))
        {
            if (!await SortOutAsync(work, [.. said.Select(c => c.Version)], said.Key, abort))
            {
                return false;
            }
        }

        // What is still open may have later ones of its group in the other half: those go after it, with a claim of their own.
        return contradicted.Count == 0 && settlements.All(s => s.Next is Next.Acknowledge or Next.Refuse);
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
                await work.SettleAsync(NoCall(1), [new Settlement(part[0].Version, next, "", "", clock.GetUtcNow() + Backoff.After(part[0].Attempts + 1))], CancellationToken.None);
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
            if (!await work.HoldAsync(abort) || !await AskOneAsync(work, version, abort))
            {
                await work.ReturnAsync(part, CancellationToken.None);
                return false;
            }
        }

        return true;
    }

    /// <returns>False when the receiver could not be asked and the lane must rest.</returns>
    private async Task<bool> AskOneAsync(ClaimWork work, ClaimedVersion version, CancellationToken abort)
    {
        var started = clock.GetUtcNow();
        Failpoint.Handle("ask", version.Key);
        var reply = await work.CallAsync(() => pipeline.Target.LookUpAsync(new DeliveryItem(version.Version, version.Key, version.Payload, version.Memo), abort), abort);
        var attempt = Written(AttemptKind.LookUp, started, 1, reply.Exchange, reply.Code, reply.Message);
        var now = clock.GetUtcNow();
        var withdrawn = work.Claim.Kind == EntryKind.Withdraw;
        var isOurCreate = work.Claim is { What: ClaimKind.Unknown, Exists: false };
        var settlement = reply.Verdict switch
        {
            LookUpVerdict.Same when !withdrawn => new Settlement(version.Version, Next.Acknowledge, reply.Code, reply.Message, Receipt: reply.Receipt),
            LookUpVerdict.SameAsFarAsShown when !withdrawn && isOurCreate => new Settlement(version.Version, Next.Acknowledge, reply.Code, reply.Message, Receipt: reply.Receipt),
            LookUpVerdict.Absent when withdrawn => new Settlement(version.Version, Next.Acknowledge, reply.Code, reply.Message, Receipt: reply.Receipt),
            LookUpVerdict.Absent => new Settlement(version.Version, Next.RetryAsCreate, reply.Code, reply.Message, AfterDoubts(version)),
            LookUpVerdict.NoAnswer => new Settlement(version.Version, Next.Unknown, reply.Code, reply.Message, now + Backoff.After(version.Attempts + 1)),
            _ => new Settlement(version.Version, Next.RetryAsUpdate, reply.Code, reply.Message, AfterDoubts(version)),
        };
        var isOurs = await work.SettleAsync(attempt, [SetAsideIfSuspect(version, settlement)], CancellationToken.None);
        if (reply.Verdict != LookUpVerdict.NoAnswer)
        {
            _failuresInARow = 0;
            return true;
        }

        if (isOurs)
        {
            await ParkAsync(RestUntil(reply.RetryAfter), reply.Code, reply.Message);
        }

        return false;
    }

    // A receiver that contradicts itself (has it, has it not) is not asked in a tight circle.
    private DateTimeOffset AfterDoubts(ClaimedVersion version) => version.Attempts < 3 ? default : clock.GetUtcNow() + Backoff.After(version.Attempts);

    private DateTimeOffset RestUntil(TimeSpan? asked) => clock.GetUtcNow() + (asked ?? Backoff.After(Interlocked.Increment(ref _failuresInARow)));

    // The whole lane rests, not one record: whatever kept this call from being answered will keep the next one too.
    private async Task ParkAsync(DateTimeOffset until, string code, string message)
    {
        var said = Text.OfMessage(code, message);
        var reason = new Text($"Nơi nhận chưa trả lời được ({code}): {said.Vi}", $"The receiver gave no usable answer ({code}): {said.En}");
        await ledger.ParkAsync(pipeline.Name, until, reason, CancellationToken.None);
        log.LaneParked(pipeline.Name, TimeZoneInfo.ConvertTime(until, pipeline.Definition.Schedule.Zone), code);
    }

    private ClaimWork Work(Claim claim, LeaseAge age, CancellationToken abort) => new(claim, age, ledger, worker, settings, clock, log, abort);

    private void ReportLate(ClaimWork work)
    {
        if (work.Late > 0)
        {
            log.LateAnswers(pipeline.Name, work.Late);
        }

        if (work.LateAccepted > 0)
        {
            log.LateAccepted(pipeline.Name, work.LateAccepted);
        }
    }

    private static DeliveryKind KindOf(Claim claim) => (claim.Kind, claim.Exists) switch
    {
        (EntryKind.Withdraw, _) => DeliveryKind.Withdraw,
        (_, true) => DeliveryKind.Update,
        _ => DeliveryKind.Create,
    };

    private static Settlement Refusal(long version, string code, string message) =>
        new(version, Next.Refuse, code, message, Rejection: new Rejection(Rules.RefusedByTarget.Code, null, null, null, $"{code} {message}".Trim()));

    private Attempt Written(AttemptKind kind, DateTimeOffset started, int records, Exchange exchange, string code, string message) =>
        new(kind, started, clock.GetUtcNow() - started, worker.Name, records, exchange.RequestHash, exchange.ResponseHash, exchange.Status, code, message);

    private Attempt NoCall(int records) => Written(AttemptKind.LookUp, clock.GetUtcNow(), records, default, "", "");
}

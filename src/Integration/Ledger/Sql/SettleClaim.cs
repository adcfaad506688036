using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Stores an attempt and what it means, and lets go what waited for it.</summary>
internal static class SettleClaim
{
    public static async Task<SettleCounts> RunAsync(Session session, Claim claim, Attempt attempt, IReadOnlyList<Settlement> settlements)
    {
        var children = await ReleaseWaiting.AskChildrenAsync(session, claim.Pipeline);
        var attemptId = await session.AskIdAsync("attempt", "id");
        var (packs, single) = await SettlePacks.SortAsync(session, claim, attempt.Code, settlements);
        var leased = await LockLeasedAsync(session, claim, [.. single.Select(static s => s.Version)]);
        if (attempt.IsRepeat && await IsStoredAsync(session, claim, attempt))
        {
            return new SettleCounts(settlements.Count, 0, 0);
        }

        await session.FlushAsync();
        var id = attemptId();
        await AddAttemptAsync(session, id, claim, attempt);
        var changes = new List<Change>(single.Count);
        var said = new List<Settlement>();
        foreach (var settlement in single)
        {
            if (leased.Remove(settlement.Version, out var version))
            {
                var outcome = Outcome.Decide(settlement.Next, version.Newest, version.Exists);
                changes.Add(new Change(settlement, version, outcome));
                session.Tally.Move(version.Pipeline, RecordState.Leased, outcome.State, 1);
                if (settlement.Next == Next.Acknowledge && settlement.Code == attempt.Code)
                {
                    continue;
                }
            }

            said.Add(settlement);
        }

        Failpoint.Reach("P12 attempt stored, versions not");
        await SettlePacks.AcknowledgeAsync(session, packs, id);
        await WriteAsync(session, changes, id, attempt.Kind == AttemptKind.Send);
        await ClearAsync(session, single.Select(static s => s.Version), changes.Select(static c => c.Settlement.Version));
        await session.InsertAsync(
            "attempt_record",
            Rows.Of("version_id", Rows.Column(said, static s => s.Version))
                .Add("code", Rows.Column<Settlement, string?>(said, static s => Stored.Text(s.Code)))
                .Add("message", Rows.Column<Settlement, string?>(said, static s => Stored.Text(s.Message))),
            ("attempt_id", id));
        var refused = changes.Where(static c => c.Settlement.Next is Next.Refuse or Next.AskPerson);
        await Rejections.AddAsync(session, [.. refused.Select(static c => (c.Settlement.Version, c.Reason))]);
        return new SettleCounts(settlements.Count - single.Count + changes.Count, single.Count - changes.Count, await ReleaseAsync(session, claim, children, packs, changes));
    }

    /// <summary>Gives back what was certainly not sent.</summary>
    public static async Task ReturnAsync(Session session, Claim claim, IReadOnlyCollection<long> versions)
    {
        var single = await SettlePacks.ReturnAsync(session, claim, versions);
        var leased = await LockLeasedAsync(session, claim, [.. single]);
        var states = leased.Select(l => (Id: l.Key, l.Value.Pipeline, State: (short)(
            claim.What == ClaimKind.Unknown ? RecordState.Unknown : l.Value.Newest ? RecordState.Ready : RecordState.Superseded))).ToList();
        states.ForEach(s => session.Tally.Move(s.Pipeline, RecordState.Leased, (RecordState)s.State, 1));
        await session.UpdateAsync(
            "version", "state = r.new_state", Rows.Of("id", Rows.Column(states, static s => s.Id)).Add("new_state", Rows.Column(states, static s => s.State)));
        await ClearAsync(session, single, leased.Keys);
        await ReleaseWaiting.AfterOlderAsync(session, [.. states.Where(static s => s.State == (short)RecordState.Superseded).Select(static s => s.Id)]);
    }

    public static async Task<bool> RenewAsync(Session session, Claim claim, TimeSpan length) => await session.ExecuteAsync(
        "UPDATE claim SET until = @until WHERE token = @token AND until > @now",
        ("until", session.Now + Stored.Length(length)), ("token", claim.Token), ("now", session.Now)) == 1;

    private static async Task<Dictionary<long, Leased>> LockLeasedAsync(Session session, Claim claim, long[] versions)
    {
        var leased = new Dictionary<long, Leased>(versions.Length);
        await session.QueryAsync(
            Rows.Of("id", versions),
            $"""
            SELECT v.id, v.key_hash, v.newest, v.receiver_has, v.pipeline_id FROM r CROSS JOIN version v
            WHERE v.id = r.id AND v.state = 1 AND v.lease_token = @token {session.Lock("ORDER BY v.id FOR UPDATE OF v")}
            """,
            reader => leased[reader.GetInt64(0)] = new(reader.GetGuid(1), reader.GetBoolean(2), reader.GetBoolean(3), reader.GetInt64(4)), ("token", claim.Token));
        return leased;
    }

    // Among the latest only: a repeat comes minutes after its first try at most, and the attempts of all time have no index for this.
    private static async Task<bool> IsStoredAsync(Session session, Claim claim, Attempt attempt) => await session.NumberAsync(
        """
        SELECT id FROM attempt WHERE id > (SELECT max(id) FROM attempt) - 100000
            AND token = @token AND kind = @kind AND started = @started AND request_hash = @request AND records = @records LIMIT 1
        """,
        ("token", claim.Token), ("kind", (short)attempt.Kind), ("started", Stored.Moment(attempt.Started)), ("request", attempt.RequestHash.ToBytes()),
        ("records", attempt.Records)) is not null;

    private static Task AddAttemptAsync(Session session, long id, Claim claim, Attempt attempt) => session.WriteAsync(
        """
        INSERT INTO attempt (id, pipeline_id, token, kind, started, took, worker, records, request_hash, response_hash, status, code, message)
        SELECT @id, p.id, @token, @kind, @started, @took, @worker, @records, @request, @response, @status, @code, @message FROM pipeline p WHERE p.name = @pipeline
        """,
        ("id", id), ("pipeline", claim.Pipeline), ("token", claim.Token), ("kind", (short)attempt.Kind), ("started", Stored.Moment(attempt.Started)), ("took", Stored.Length(attempt.Took)),
        ("worker", Stored.Text(attempt.Worker)), ("records", attempt.Records), ("request", attempt.RequestHash.ToBytes()), ("response", attempt.ResponseHash.ToBytes()),
        ("status", attempt.Status), ("code", Stored.Text(attempt.Code)), ("message", Stored.Text(attempt.Message)));

    /// <summary>A worker that comes back late was slow and not killed: what it was lost with is no suspect.</summary>
    private static async Task ClearAsync(Session session, IEnumerable<long> told, IEnumerable<long> leased)
    {
        long[] late = [.. told.Except(leased).Order()];
        if (late.Length > 0)
        {
            await session.ExecuteAsync(
                Rows.Of("id", late), "UPDATE version SET lost_among = 0, lost_alone = 0 WHERE id IN (SELECT r.id FROM r) AND lost_among > 0");
        }
    }

    // The answer to a send clears a suspect; that to a question does not: it may be the send that kills.
    private static Task WriteAsync(Session session, List<Change> changes, long attempt, bool sent) => session.UpdateAsync(
        "version",
        """
        state = r.new_state, receiver_has = r.has, needs_person = r.ask, not_before = r.due, attempts = attempts + 1,
            acknowledged_at = CASE WHEN r.new_state = 4 THEN @now END, attempt_id = CASE WHEN r.new_state = 4 THEN @attempt END,
            receipt = r.new_receipt, memo = coalesce(r.new_memo, memo),
            lost_among = CASE WHEN @sent OR r.new_state NOT IN (0, 3) THEN 0 ELSE lost_among END,
            lost_alone = CASE WHEN @sent OR r.new_state NOT IN (0, 3) THEN 0 ELSE lost_alone END
        """,
        Rows.Of("id", Rows.Column(changes, static c => c.Settlement.Version))
            .Add("new_state", Rows.Column(changes, static c => (short)c.Outcome.State))
            .Add("has", Rows.Column(changes, static c => c.Outcome.Exists))
            .Add("ask", Rows.Column(changes, static c => c.Outcome.NeedsPerson))
            .Add("due", Rows.Column(changes, c => c.Settlement.NotBefore == default ? session.Now : Stored.Moment(c.Settlement.NotBefore)))
            .Add("new_receipt", Rows.Column(changes, static c => c.Settlement.Receipt is { } text ? Stored.Text(text) : null))
            .Add("new_memo", Rows.Column(changes, static c => c.Settlement.Memo is { } text ? Stored.Text(text) : null)),
        ("now", session.Now), ("attempt", attempt), ("sent", sent));

    private static async Task<int> ReleaseAsync(Session session, Claim claim, IReadOnlyList<long> children, List<SettlePacks.Whole> packs, List<Change> changes)
    {
        var older = changes.Where(static c => c.Outcome.FreesKey && !c.Version.Newest).Select(static c => c.Settlement.Version).ToArray();
        var acknowledged = changes.Where(static c => c.Outcome.State == RecordState.Acknowledged).Select(static c => c.Version.Key).ToArray();
        var released = older.Length == 0 ? 0 : await ReleaseWaiting.AfterOlderAsync(session, older);
        return acknowledged.Length == 0 && packs.Count == 0
            ? released
            : released + await ReleaseWaiting.AfterParentsAsync(session, claim.Pipeline, children, acknowledged, [.. packs.Select(static p => p.Pack)]);
    }

    private readonly record struct Leased(Guid Key, bool Newest, bool Exists, long Pipeline);

    private readonly record struct Change(Settlement Settlement, Leased Version, Outcome Outcome)
    {
        public Rejection Reason => Settlement.Rejection ?? new Rejection(
            Settlement.Next == Next.Refuse ? Rules.RefusedByTarget.Code : Rules.NeedsPerson.Code, null, null, null, $"{Settlement.Code}: {Settlement.Message}");
    }
}

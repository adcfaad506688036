using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>What was decided about the entries of a slice, gathered so that each table is written once.</summary>
internal sealed class SliceWork(Slice slice, long run, long pipeline, long now)
{
    private readonly List<(CommitSlice.Entry Entry, Intake Intake)> _added = [];
    private readonly List<CommitSlice.Entry> _packed = [];
    private readonly List<(long Version, RecordState State)> _displaced = [];
    private readonly List<long> _restored = [];

    public SliceCounts Counts { get; private set; }

    public void Note(in CommitSlice.Entry entry, Known? newest, in Intake intake)
    {
        var kind = slice.Entries[entry.Index].Kind;
        Counts += intake.Change == Change.None ? new SliceCounts(1, 1, 0, 0, 0, 0) : kind switch
        {
            EntryKind.Reject => new(1, 0, 0, 0, 0, 1),
            EntryKind.Withdraw => new(1, 0, 0, 0, 1, 0),
            _ when newest is null => new(1, 0, 1, 0, 0, 0),
            _ => new SliceCounts(1, 0, 0, 1, 0, 0),
        };
        if (intake.Change != Change.None && newest is { } old)
        {
            _displaced.Add((old.Version, old.State));
        }

        switch (intake.Change)
        {
            case Change.Add when newest is null && AddPacks.Takes(slice.Entries[entry.Index], entry, intake):
                _packed.Add(entry);
                break;
            case Change.Add:
                _added.Add((entry, intake));
                break;
            case Change.Restore:
                _restored.Add(intake.Restored);
                break;
        }
    }

    public async Task WriteAsync(Session session)
    {
        // The displaced go first: only one version of a key may be the newest.
        if (_displaced.Count > 0)
        {
            await session.UpdateAsync(
                "version", "newest = FALSE, state = r.new_state",
                Rows.Of("id", Rows.Column(_displaced, static d => d.Version)).Add("new_state", Rows.Column(_displaced, static d => (short)Intake.Displaced(d.State))));
            foreach (var (_, state) in _displaced)
            {
                session.Tally.Move(pipeline, state, Intake.Displaced(state), 1);
            }
        }

        if (_restored.Count > 0)
        {
            await session.UpdateAsync("version", "newest = TRUE", Rows.Of("id", [.. _restored]));
        }

        if (_packed.Count >= AddPacks.Least)
        {
            await AddPacks.RunAsync(session, slice, _packed, run, pipeline);
        }
        else
        {
            _added.AddRange(_packed.Select(static e => (e, new Intake(Change.Add, RecordState.Ready))));
        }

        if (_added.Count > 0)
        {
            await AddAsync(session);
        }
    }

    private async Task AddAsync(Session session)
    {
        var ids = (await session.AllocateAsync(("version", _added.Count)))[0];
        var places = await Payloads.WriteAsync(session, slice, Rows.Column(_added, static a => a.Entry.Index));
        var rows = Rows.Of("id", ids)
            .Add("key_hash", Rows.Column(_added, static a => a.Entry.Hash))
            .Add("key", Rows.Column<(CommitSlice.Entry Entry, Intake Intake), string?>(_added, static a => a.Entry.Key))
            .Add("kind", Rows.Column(_added, a => (short)slice.Entries[a.Entry.Index].Kind))
            .Add("state", Rows.Column(_added, static a => (short)a.Intake.State))
            .Add("receiver_has", Rows.Column(_added, static a => a.Intake.Exists))
            .Add("hash", Rows.Column(_added, a => slice.Entries[a.Entry.Index].Hash.ToBytes()))
            .Add("row_hash", Rows.Column(_added, a => slice.Entries[a.Entry.Index].Row))
            .Add("group_hash", Rows.Column(_added, a => HashOf(slice.Entries[a.Entry.Index].Group)))
            .Add("group_key", Rows.Column(_added, a => KeyOf(slice.Entries[a.Entry.Index].Group)))
            .Add("order_no", Rows.Column(_added, a => slice.Entries[a.Entry.Index].Order))
            .Add("parent_hash", Rows.Column(_added, a => HashOf(slice.Entries[a.Entry.Index].Parent)))
            .Add("parent_key", Rows.Column(_added, a => KeyOf(slice.Entries[a.Entry.Index].Parent)))
            .Add("payload_id", Rows.Column(places, static p => p.Blob))
            .Add("payload_offset", Rows.Column(places, static p => p.Offset))
            .Add("payload_length", Rows.Column(places, static p => p.Length));
        Failpoint.Reach("P02 payloads inserted, versions not");
        await session.InsertAsync(
            "version", rows, ("pipeline_id", pipeline), ("run_id", run), ("newest", true), ("not_before", now), ("extracted_at", now));

        var rejections = new List<(long, Rejection)>();
        for (var i = 0; i < ids.Length; i++)
        {
            session.Tally.Add(pipeline, _added[i].Intake.State, 1);
            var entry = slice.Entries[_added[i].Entry.Index];
            if (entry.Kind == EntryKind.Reject)
            {
                rejections.AddRange(entry.Rejections!.Select(r => (ids[i], r)));
            }
        }

        await Rejections.AddAsync(session, rejections);
    }

    private static string? KeyOf(string? key) => key is null ? null : Stored.Key(key);

    private static Guid? HashOf(string? key) => key is null ? null : Stored.Hash(Stored.Key(key));
}

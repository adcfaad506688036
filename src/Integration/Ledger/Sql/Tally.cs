using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// How many versions stand in which state. Whatever moves versions notes it here, and the notes are written in the same transaction: the sum
/// of the table is what counting the versions would give, at any moment and without looking at them.
/// </summary>
internal sealed class Tally
{
    // Below that many rows folding saves nothing, and an idle worker writes nothing.
    private const int LeastToFold = 200;
    private const int MostToFold = 20_000;

    private readonly Dictionary<(long Pipeline, RecordState State), long> _noted = [];

    public void Add(long pipeline, RecordState state, long versions) =>
        _noted[(pipeline, state)] = _noted.GetValueOrDefault((pipeline, state)) + versions;

    public void Move(long pipeline, RecordState from, RecordState to, long versions)
    {
        Add(pipeline, from, -versions);
        Add(pipeline, to, versions);
    }

    public Task WriteAsync(Session session) => InsertAsync(session, _noted);

    public static Task<List<(long Pipeline, RecordState State, long Versions)>> ReadAsync(Session session) => session.QueryAsync(
        "SELECT pipeline_id, state, CAST(sum(versions) AS bigint) FROM tally GROUP BY pipeline_id, state HAVING sum(versions) <> 0",
        static r => (r.GetInt64(0), (RecordState)r.GetInt16(1), r.GetInt64(2)));

    /// <summary>Makes one row of many. Several workers may fold at once: each takes rows that it could lock.</summary>
    public static async Task FoldAsync(Session session)
    {
        var rows = await session.QueryAsync(
            $"SELECT id, pipeline_id, state, versions FROM tally ORDER BY id LIMIT @most {session.Lock("FOR UPDATE SKIP LOCKED")}",
            static r => (Id: r.GetInt64(0), Pipeline: r.GetInt64(1), State: (RecordState)r.GetInt16(2), Versions: r.GetInt64(3)), ("most", MostToFold));
        var sums = rows.GroupBy(static r => (r.Pipeline, r.State)).ToDictionary(static g => g.Key, static g => g.Sum(static r => r.Versions));
        if (rows.Count < LeastToFold + sums.Count)
        {
            return;
        }

        await session.ExecuteAsync(Rows.Of("id", Rows.Column(rows, static r => r.Id)), "DELETE FROM tally WHERE id IN (SELECT r.id FROM r)");
        await InsertAsync(session, sums);
    }

    private static Task InsertAsync(Session session, Dictionary<(long Pipeline, RecordState State), long> sums)
    {
        var moved = sums.Where(static s => s.Value != 0).ToList();
        return moved.Count == 0
            ? Task.CompletedTask
            : session.InsertAsync(
                "tally",
                new Rows().Add("pipeline_id", Rows.Column(moved, static m => m.Key.Pipeline))
                    .Add("state", Rows.Column(moved, static m => (short)m.Key.State))
                    .Add("versions", Rows.Column(moved, static m => m.Value)));
    }
}

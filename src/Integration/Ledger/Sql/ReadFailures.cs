using System.Runtime.CompilerServices;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>What was refused and what waits for a person.</summary>
internal static class ReadFailures
{
    private const int RawPage = 200;

    // What one correction puts right is one group: a code that is missing in a lookup whatever fields use it, a text too long by however much.
    private const string Group =
        """
        p.name, v.state, j.rule, coalesce(j.source_field, j.target_field),
        CASE WHEN j.rule = 'lookup-missing' THEN j.masked_value END, CASE WHEN j.rule IN ('lookup-missing', 'refused-by-target', 'needs-person') THEN j.detail END
        """;

    public static async Task<IReadOnlyList<FailureGroup>> GroupsAsync(Session session, FailureFilter filter)
    {
        var failing = new Failing(filter);
        return await session.QueryAsync(
            $"""
            SELECT g.name, g.state, j.rule, j.target_field, j.source_field, j.masked_value, j.detail, g.versions, v.key, g.newest
            FROM (SELECT p.name, v.state, count(DISTINCT v.id) AS versions, max(j.id) AS example, max(v.extracted_at) AS newest
                FROM version v JOIN pipeline p ON p.id = v.pipeline_id JOIN rejection j ON j.version_id = v.id
                WHERE {failing.Condition} AND {failing.RejectionCondition}
                GROUP BY {Group}) g
            JOIN rejection j ON j.id = g.example JOIN version v ON v.id = j.version_id
            ORDER BY g.versions DESC, g.name, j.rule, j.target_field, j.detail
            """,
            static r => new FailureGroup(r.GetString(0), (RecordState)r.GetInt16(1), Rejections.Read(r, 2), r.GetInt64(7), r.GetString(8), Stored.Moment(r.GetInt64(9))),
            failing.With());
    }

    public static async Task<IReadOnlyList<FailureRow>> RowsAsync(Session session, FailureFilter filter, int skip, int take)
    {
        // One line a record, whatever the number of its reasons: the first that was asked for.
        var failing = new Failing(filter);
        return await session.QueryAsync(
            $"""
            SELECT v.id, p.name, v.key, v.state, j.rule, j.target_field, j.source_field, j.masked_value, j.detail, j.at
            FROM (SELECT v.id FROM version v JOIN pipeline p ON p.id = v.pipeline_id WHERE {failing.Condition} ORDER BY v.id DESC LIMIT @take OFFSET @skip) f
            JOIN version v ON v.id = f.id JOIN pipeline p ON p.id = v.pipeline_id
            JOIN rejection j ON j.id = (SELECT min(j.id) FROM rejection j WHERE j.version_id = v.id AND {failing.RejectionCondition})
            ORDER BY v.id DESC
            """,
            static r => new FailureRow(r.GetInt64(0), r.GetString(1), r.GetString(2), (RecordState)r.GetInt16(3), Rejections.Read(r, 4), Stored.Moment(r.GetInt64(9))),
            failing.With(("take", take), ("skip", skip)));
    }

    public static async IAsyncEnumerable<RawRecord> RawAsync(Database database, FailureFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failing = new Failing(filter);
        var after = 0L;
        while (true)
        {
            var from = after;
            var page = await database.ReadAsync(session => RawPageAsync(session, failing, from), cancellationToken);
            foreach (var record in page)
            {
                yield return record;
            }

            if (page.Count < RawPage)
            {
                yield break;
            }

            after = page[^1].Version;
        }
    }

    private static async Task<List<RawRecord>> RawPageAsync(Session session, Failing failing, long after)
    {
        var rows = await session.QueryAsync(
            $"""
            SELECT v.id, v.key, v.payload_id, v.payload_offset, v.payload_length FROM version v JOIN pipeline p ON p.id = v.pipeline_id
            WHERE {failing.Condition} AND v.kind = 1 AND v.id > @after ORDER BY v.id LIMIT @page
            """,
            static r => (Version: r.GetInt64(0), Key: r.GetString(1), Place: new Place(r.IsDBNull(2) ? null : r.GetInt64(2), r.GetInt32(3), r.GetInt32(4))),
            failing.With(("after", after), ("page", RawPage)));
        var bytes = await Payloads.ReadAsync(session, Rows.Column(rows, static r => r.Place));
        return [.. rows.Select((r, i) => new RawRecord(r.Version, r.Key, bytes[i].ToArray()))];
    }
}

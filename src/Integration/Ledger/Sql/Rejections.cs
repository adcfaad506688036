using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>The reasons why versions are quarantined or wait for a person.</summary>
internal static class Rejections
{
    private const int LongestValue = 120;
    private const int LongestDetail = 500;

    public static async Task AddAsync(Session session, IReadOnlyList<(long Version, Rejection Rejection)> rejections)
    {
        if (rejections.Count == 0)
        {
            return;
        }

        Failpoint.Reach("P15 quarantined, reason not stored");
        await session.InsertAsync(
            "rejection",
            Rows.Of("version_id", Rows.Column(rejections, static r => r.Version))
                .Add("rule", Rows.Column(rejections, static r => Clean(r.Rejection.Rule, LongestDetail)))
                .Add("target_field", Rows.Column(rejections, static r => Clean(r.Rejection.TargetField, LongestDetail)))
                .Add("source_field", Rows.Column(rejections, static r => Clean(r.Rejection.SourceField, LongestDetail)))
                .Add("masked_value", Rows.Column(rejections, static r => Clean(r.Rejection.MaskedValue, LongestValue)))
                .Add("detail", Rows.Column(rejections, static r => Clean(r.Rejection.Detail, LongestDetail))),
            ("at", session.Now));
    }

    /// <summary>The reasons no longer hold; they stay stored.</summary>
    public static Task ClearAsync(Session session, long[] versions) =>
        session.ExecuteAsync(Rows.Of("id", versions), "UPDATE rejection SET standing = FALSE WHERE standing AND version_id IN (SELECT r.id FROM r)");

    public static Rejection Read(DbDataReader r, int first) => new(
        r.GetString(first), Stored.ReadText(r, first + 1), Stored.ReadText(r, first + 2), Stored.ReadText(r, first + 3), Stored.ReadText(r, first + 4));

    private static string? Clean(string? text, int longest) => text is null ? null : Stored.Text(text.Length <= longest ? text : text[..longest]);
}

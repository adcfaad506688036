namespace Integration.Extract.Sql;

/// <summary>What was known of the database just before the snapshot was taken.</summary>
/// <param name="Now">The database's clock, UTC.</param>
/// <param name="Highest">The largest watermark there was, where watermarks are not times; else null.</param>
/// <param name="Running">Transactions of others that ran at <paramref name="Now"/> and still ran when the snapshot was taken.</param>
/// <param name="Latest">All transactions of others that ran when the snapshot was taken.</param>
/// <param name="IsStandby">The server follows another one, whose transactions it does not show.</param>
internal sealed record Horizon(DateTime Now, string? Highest, string[] Running, string[] Latest, bool IsStandby)
{
    // Transactions that were prepared for two-phase commit go on under another id.
    private const string Prepared = "-1/";

    /// <summary>Those of <paramref name="before"/> that may still run, by the list of those that run <paramref name="now"/>.</summary>
    public static string[] StillRunning(IReadOnlyCollection<string> before, IReadOnlyCollection<string> now)
    {
        var still = before.Intersect(now, StringComparer.Ordinal);
        var mayBePrepared = before.Any(t => !IsPrepared(t) && !now.Contains(t));
        return [.. mayBePrepared ? still.Union(now.Where(IsPrepared), StringComparer.Ordinal) : still];
    }

    private static bool IsPrepared(string transaction) => transaction.StartsWith(Prepared, StringComparison.Ordinal);
}

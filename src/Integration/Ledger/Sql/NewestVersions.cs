namespace Integration.Ledger.Sql;

/// <summary>The rows of <c>version</c> that are the newest of their key.</summary>
internal static class NewestVersions
{
    // Fewer keys are looked for as quickly as this is found out.
    private const int Few = 50;

    /// <summary>Whether a pipeline <c>p</c> has any; one look at the front of an index.</summary>
    public const string Any = "(SELECT v.id FROM version v WHERE v.pipeline_id = p.id AND v.newest ORDER BY v.pipeline_id, v.key_hash LIMIT 1) IS NOT NULL";

    /// <summary>The join to the newest version <c>v</c> of each <c>r.key</c>, which is the hash of a key.</summary>
    public static string Of(Session session) => session.One("version", "v", "v.pipeline_id = @pipeline AND v.key_hash = r.key AND v.newest");

    /// <summary>False when none of so many keys can be there: as long as nothing has changed since a first load, all is in packs.</summary>
    public static async Task<bool> MayHoldAsync(Session session, long pipeline, int keys) =>
        keys > 0 && (keys < Few || await session.NumberAsync("SELECT 1 FROM version WHERE pipeline_id = @pipeline AND newest ORDER BY key_hash LIMIT 1", ("pipeline", pipeline)) is not null);
}

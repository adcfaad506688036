namespace Integration.Ledger.Sql;

/// <summary>The rows of <c>version</c> that are the newest of their key.</summary>
internal static class NewestVersions
{
    /// <summary>Whether a pipeline <c>p</c> has any, and as long as nothing has changed since a first load it has none; one look at the front of an index.</summary>
    public const string Any = "(SELECT v.id FROM version v WHERE v.pipeline_id = p.id AND v.newest ORDER BY v.pipeline_id, v.key_hash LIMIT 1) IS NOT NULL";

    public static Task<bool> AreThereAsync(Session session, long pipeline) =>
        session.FirstAsync($"SELECT {Any} FROM pipeline p WHERE p.id = @pipeline", static r => r.GetBoolean(0), ("pipeline", pipeline));

    /// <summary>The join to the newest version <c>v</c> of each <c>r.key</c>, which is the hash of a key.</summary>
    public static string Of(Session session) => session.One("version", "v", "v.pipeline_id = @pipeline AND v.key_hash = r.key AND v.newest");
}

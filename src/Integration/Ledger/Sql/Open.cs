namespace Integration.Ledger.Sql;

/// <summary>
/// Whether a pipeline <c>p</c> has rows of <c>version</c>, or packs, that a claim may find, now or later. Each is one look at the front of an index: in the
/// order of that index, since a server that trusts old statistics would read the table instead.
/// </summary>
internal static class Open
{
    public const string Packs = "(SELECT k.id FROM pack k WHERE k.pipeline_id = p.id AND k.state = 0 ORDER BY k.pipeline_id, k.not_before, k.id LIMIT 1) IS NOT NULL";

    public static string Of(ClaimKind what) => what == ClaimKind.Unknown
        ? Exists("v.state = 3 AND NOT v.needs_person")
        : $"({Exists("v.state = 0 AND v.group_hash IS NULL")} OR {Exists("v.state = 0 AND v.group_hash IS NOT NULL")})";

    private static string Exists(string open) =>
        $"(SELECT v.id FROM version v WHERE v.pipeline_id = p.id AND {open} ORDER BY v.pipeline_id, v.kind, v.receiver_has, v.not_before, v.id LIMIT 1) IS NOT NULL";
}

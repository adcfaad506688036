namespace Integration.Ledger.Sql;

/// <summary>Which kinds of packs a pipeline has. Unless the pipeline is locked only a hint: another worker may be adding the first of one while this is read.</summary>
/// <param name="Ordered">Those found by their keys.</param>
/// <param name="Others">Those whose records have rows of their own.</param>
internal readonly record struct PackKinds(bool Ordered, bool Others)
{
    /// <summary>Two columns of a pipeline <c>p</c>; each is one look at the front of an index.</summary>
    public const string Columns =
        """
        (SELECT o.pack_id FROM ordered_slots o WHERE o.pipeline_id = p.id ORDER BY o.pipeline_id, o.first_key LIMIT 1) IS NOT NULL,
        (SELECT a.pack_id FROM record a WHERE a.pipeline_id = p.id ORDER BY a.pipeline_id, a.key LIMIT 1) IS NOT NULL
        """;

    /// <summary>Where nobody has looked.</summary>
    public static readonly PackKinds All = new(true, true);
}

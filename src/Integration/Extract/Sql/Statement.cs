namespace Integration.Extract.Sql;

/// <summary>A SELECT of a pipeline's query without its columns, which the session puts before it.</summary>
/// <param name="From">From its FROM on; the query is <c>q</c>.</param>
/// <param name="Values">What its operands stand for.</param>
/// <param name="IsOrdered">Its rows come in the order of their key, the same however often it is run in one snapshot.</param>
internal sealed record Statement(string From, IReadOnlyList<string> Values, bool IsOrdered);

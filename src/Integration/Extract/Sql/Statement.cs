namespace Integration.Extract.Sql;

/// <summary>A SELECT of a pipeline's query without its columns, which the session puts before it.</summary>
/// <param name="From">From its FROM on; the query is <c>q</c>.</param>
/// <param name="Values">What its operands stand for.</param>
/// <param name="Order">Null where rows may share their place in it, or have none.</param>
internal sealed record Statement(string From, IReadOnlyList<string> Values, RowOrder? Order = null);

/// <summary>An order of rows that only those with the same key share a place in.</summary>
/// <param name="Columns">By which they are ordered; none of them is NULL.</param>
/// <param name="At">The statement from the first row on that has such values in them, as <see cref="Statement.From"/>.</param>
internal sealed record RowOrder(IReadOnlyList<string> Columns, Func<IReadOnlyList<string>, string> At);

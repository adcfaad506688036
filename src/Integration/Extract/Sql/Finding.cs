using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>Looks single records up by key, with their children.</summary>
internal sealed class Finding(ISession session, Statements statements, RowPage page, IReadOnlyList<Column> columns, int[] key, IReadOnlyList<Child> children)
{
    // More rows with one key than a person wants to see.
    private const int Most = 10;

    /// <returns>Null when there is none.</returns>
    public async Task<RowPage?> ReadAsync(string[] parts, CancellationToken cancellationToken)
    {
        var keys = new List<string[]>();
        foreach (var values in session.FormsOf(parts, [.. key.Select(k => columns[k])]))
        {
            await using var rows = await session.OpenAsync(statements.ByKey(values), columns, cancellationToken);
            while (page.Count < Most && await rows.NextAsync(cancellationToken))
            {
                rows.AddCells(page);
                page.EndRow();
                keys.Add([.. key.Select(k => rows.ValueOf(k)!)]);
            }

            if (page.Count > 0)
            {
                break;
            }
        }

        foreach (var child in page.Count == 0 ? [] : children)
        {
            var childPage = new RowPage(child.Shape);
            page.AddChildren(child.Name, new ChildRows(childPage, await session.ReadChildrenAsync(child, keys, childPage, cancellationToken)));
        }

        return page.Count == 0 ? null : page;
    }
}

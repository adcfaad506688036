using System.Text;

namespace Integration.Extract.Sql;

/// <summary>
/// One query for the children of a whole page: the database itself lines them up with their parents. They are looked up key by key, or read as
/// the stretch between the first key of the page and the last; the server estimates which is cheaper, for each page, since keys may come in order
/// now and scattered later.
/// </summary>
internal sealed class PostgresChildren(Child child)
{
    private const int FewKeys = 100;
    private const int PagesBetweenQuestions = 32;

    private int _pages;
    private double _costByKey;
    private bool _isWorthIt;
    private bool _isGivenUp;

    /// <summary>The last statement reads rows that belong to no parent of the page, and may fail because of them.</summary>
    public bool IsStretch { get; private set; }

    /// <summary>From now on key by key.</summary>
    public void GiveUp() => _isGivenUp = true;

    /// <summary>A SELECT; its first column is the number of the parent, from 1, and in that order its rows come.</summary>
    /// <param name="session">What will run it.</param>
    /// <param name="columns">What is read of each child.</param>
    /// <param name="keys">Of the page's rows, in their order; a text for each key column.</param>
    public async Task<string> SelectAsync(PostgresSession session, string columns, IReadOnlyList<string[]> keys, CancellationToken cancellationToken)
    {
        IsStretch = false;
        var arrays = Literals(keys);
        var byKey = Select(columns, arrays, $"= ANY ({arrays[0]})");
        if (_isGivenUp || keys.Count < FewKeys || !HasEnds(child.On[0]))
        {
            return byKey;
        }

        // Where the last page was none, neither are the next few, as a rule.
        var isQuestion = _pages++ % PagesBetweenQuestions == 0;
        if (!isQuestion && !_isWorthIt)
        {
            return byKey;
        }

        IsStretch = true;
        var key = child.On[0];
        _costByKey = isQuestion ? (await session.CostAsync(byKey, cancellationToken)).Total : _costByKey;
        var ends = await session.ListAsync(Ends(arrays[0]), cancellationToken);
        var between = $"BETWEEN {string.Join(" AND ", ends.Select(end => $"{PostgresSession.Literal(end)}::{key.TypeName}"))}";
        _isWorthIt = (await session.CostAsync($"SELECT 1 FROM (\n{child.Query}\n) c WHERE c.{Statements.Quote(key.Name)} {between}", cancellationToken)).Total < _costByKey;
        IsStretch = _isWorthIt;
        return _isWorthIt ? Select(columns, arrays, between) : byKey;
    }

    /// <summary>What the children of one parent are ordered by, as columns of <c>c</c>.</summary>
    public static string OrderOf(Child child) => string.Join(", ", child.OrderBy.Count > 0
        ? child.OrderBy.Select(static c => $"c.{Statements.Quote(c)}")
        : child.Columns.Select(static c => $"c.{Statements.Quote(c.Name)}{(c.IsOrdered ? "" : "::text")}"));

    /// <summary>What the server expects looking the keys up to cost, in its own unit.</summary>
    public async Task<double> CostByKeyAsync(PostgresSession session, string columns, IReadOnlyList<string[]> keys, CancellationToken cancellationToken)
    {
        var arrays = Literals(keys);
        return (await session.CostAsync(Select(columns, arrays, $"= ANY ({arrays[0]})"), cancellationToken)).Total;
    }

    // The condition says nothing new, but it reaches into queries that group or unite, which the join cannot.
    private string Select(string columns, string[] arrays, string condition)
    {
        var names = string.Join(", ", child.On.Select((_, i) => $"k{i}"));
        var equal = string.Join(" AND ", child.On.Select((c, i) => $"c.{Statements.Quote(c.Name)} = p.k{i}"));
        return $"""
            SELECT p.n, {columns} FROM unnest({string.Join(", ", arrays)}) WITH ORDINALITY p({names}, n) JOIN (
            {child.Query}
            ) c ON {equal} WHERE c.{Statements.Quote(child.On[0].Name)} {condition} ORDER BY p.n, {OrderOf(child)}
            """;
    }

    // United with no rows of the column itself, so that the first and the last are those of the column's own collation.
    private string Ends(string array) => $"""
        SELECT unnest(ARRAY[min(k)::text, max(k)::text]) FROM (SELECT c.{Statements.Quote(child.On[0].Name)} FROM (
        {child.Query}
        ) c WHERE false UNION ALL SELECT unnest({array})) p(k)
        """;

    private static bool HasEnds(Column key) =>
        key.Kind is ColumnKind.Integer or ColumnKind.Number or ColumnKind.Date or ColumnKind.LocalTime or ColumnKind.Instant ||
        key is { Kind: ColumnKind.Text, TypeName: "text" or "character varying" or "bpchar" };

    private string[] Literals(IReadOnlyList<string[]> keys) =>
        [.. Arrays(keys, child.On.Count).Zip(child.On, static (array, c) => $"{PostgresSession.Literal(array)}::{c.TypeName}[]")];

    /// <summary>Array literals, one a key column.</summary>
    private static string[] Arrays(IReadOnlyList<string[]> keys, int columns)
    {
        var arrays = new string[columns];
        var text = new StringBuilder();
        for (var column = 0; column < columns; column++)
        {
            text.Clear().Append('{');
            foreach (var key in keys)
            {
                text.Append(text.Length > 1 ? "," : "").Append('"');
                foreach (var c in key[column])
                {
                    text.Append(c is '"' or '\\' ? "\\" : "").Append(c);
                }

                text.Append('"');
            }

            arrays[column] = text.Append('}').ToString();
        }

        return arrays;
    }
}

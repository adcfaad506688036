using System.Globalization;
using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>
/// The children of one page after the other from a single statement that reads them in the order of their parents' key, for as long as the pages'
/// keys rise: every page begins where the one before it ended. Rows whose key no parent has are passed over.
/// </summary>
/// <remarks>
/// A key that were compared otherwise than the server sorts would lose its children. So only where order and equality are those of bytes or of whole
/// numbers (<see cref="SuitsAsync"/>, <see cref="RisingKeys"/>); any other page is for somebody else, and leaves the pass where it stands.
/// </remarks>
/// <param name="session">Its own, in the reading's snapshot.</param>
internal sealed class PostgresChildPass(PostgresSession session, Child child, Func<DateTime, DateTime?>? toUtc, int limit) : IAsyncDisposable
{
    /// <summary>Fewer are not worth a statement that could go on for long.</summary>
    public const int FewestKeys = 100;

    // Where the server has to sort all rows first, in pages that it could look up instead: whoever fills a page has more than one, as a rule.
    private const int MostPagesToSort = 2;

    // Of rows that belong to nobody: looking a key up costs about as much as this many.
    private const int MostStrangersPerKey = 8;

    private readonly RisingKeys _keys = new(child.On[0].Kind);
    private readonly int _on = child.Columns.ToList().IndexOf(child.On[0]);
    private readonly byte[] _number = new byte[sizeof(long)];
    private PostgresCells? _cells;
    private byte[]? _last;
    private CopyStream? _rows;
    private bool _hasRow;

    /// <summary>It met so many rows of nobody that looking keys up is cheaper.</summary>
    public bool IsGivenUp { get; private set; }

    // The server reads -1 as the largest oid, so numbers that rise here need not rise there.
    /// <summary>Whether the kind of key allows a pass at all; what only the server knows is asked by <see cref="SuitsAsync"/>.</summary>
    public static bool MaySuit(Child child) => child.On is [{ Kind: ColumnKind.Integer, TypeName: not "oid" } or { Kind: ColumnKind.Text, TypeName: "text" or "character varying" }];

    /// <summary>Whether the server sorts such keys by their bytes, and can soon begin to give rows in that order.</summary>
    /// <param name="costByKey">Of looking up the children of the page.</param>
    public async Task<bool> SuitsAsync(IReadOnlyList<string[]> keys, double costByKey, CancellationToken cancellationToken) =>
        (child.On[0].Kind == ColumnKind.Integer || await session.ScalarAsync(SortsByBytes, cancellationToken) == "t")
        && (await session.CostAsync(Select("1", keys[0][0]), cancellationToken)).Startup < MostPagesToSort * costByKey;

    /// <summary>Adds the children of a page's parents.</summary>
    /// <param name="page">Takes the rows; whatever it holds is worth nothing when the answer is null.</param>
    /// <returns>Where the children of each parent begin in the page, and at last where they all end; null: the page is not for a pass.</returns>
    public async Task<int[]?> ReadAsync(IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        if (keys.Count < FewestKeys || !_keys.TryFill(keys) || (_last is not null && _keys[0].SequenceCompareTo(_last) <= 0))
        {
            return null;
        }

        try
        {
            return await MergeAsync(keys, page, cancellationToken);
        }
        catch (CellTooLargeException)
        {
            // From this page on the server holds such cells back.
            session.NoteHugeCell();
            await _rows!.DisposeAsync();
            (_rows, _cells) = (null, Cells(isGuarded: true));
            await session.ReturnAsync(cancellationToken);
            page.Clear();
            return await MergeAsync(keys, page, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_rows?.DisposeAsync() ?? ValueTask.CompletedTask);
        await session.DisposeAsync();
    }

    private async Task<int[]?> MergeAsync(IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        if (_rows is null)
        {
            // Planned by SuitsAsync.
            var isBare = await session.PrepareAsync(cancellationToken);
            _cells ??= Cells(isGuarded: !isBare);
            _rows = await session.CopyAsync(Select(_cells.Select("c"), keys[0][0]), _cells, cancellationToken);
            _hasRow = await _rows.NextAsync(cancellationToken);
        }

        var lists = new ChildLimit(page, keys.Count, limit);
        var (parent, strangers) = (0, 0);
        while (_hasRow)
        {
            var order = Key.SequenceCompareTo(_keys[parent]);
            while (order > 0 && parent + 1 < _keys.Count)
            {
                order = Key.SequenceCompareTo(_keys[++parent]);
            }

            if (order > 0)
            {
                break;
            }

            if (order < 0 && ++strangers > MostStrangersPerKey * keys.Count)
            {
                IsGivenUp = true;
                return null;
            }

            if (order == 0 && lists.Takes(parent))
            {
                _cells!.AddTo(page, _rows);
                lists.End();
            }

            _hasRow = await _rows.NextAsync(cancellationToken);
        }

        _last = _keys[_keys.Count - 1].ToArray();
        return lists.Starts();
    }

    private ReadOnlySpan<byte> Key
    {
        get
        {
            if (child.On[0].Kind != ColumnKind.Integer)
            {
                return _cells!.BytesOf(_rows!, _on);
            }

            RisingKeys.Write(_cells!.IntegerOf(_rows!, _on), _number);
            return _number;
        }
    }

    private PostgresCells Cells(bool isGuarded) => new(child.Columns, toUtc, limit, isGuarded);

    private string On => $"c.{Statements.Quote(child.On[0].Name)}";

    // A collation is looked at by its name, as the server writes it: one that somebody else called C is written with its schema.
    private string SortsByBytes => $"""
        SELECT CASE pg_catalog.pg_collation_for({On}) WHEN '"default"' THEN (
            SELECT d.datcollate IN ('C', 'POSIX') AND coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') = 'c' FROM pg_catalog.pg_database d
            WHERE d.datname = pg_catalog.current_database()) ELSE pg_catalog.pg_collation_for({On}) IN ('"C"', '"POSIX"') END
        FROM (SELECT 1) one LEFT JOIN (
        {child.Query}
        ) c ON false
        """;

    private string Select(string columns, string first) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT {columns} FROM (
        {child.Query}
        ) c WHERE {On} >= {PostgresSession.Literal(first)}::{child.On[0].TypeName} ORDER BY {On}, {PostgresChildren.OrderOf(child)}
        """);
}

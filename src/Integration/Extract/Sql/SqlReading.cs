using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>
/// One pass over a query in one snapshot: first the rows that cannot take part, then the others in order. While a page is worked on the next one
/// is read, so a page is good until the next is asked for.
/// </summary>
/// <param name="course">Null in a sweep.</param>
/// <param name="watermark">Ordinal of the watermark column; -1 in a sweep.</param>
internal sealed class SqlReading(
    ISession session, Statements statements, Course? course, Scale? scale, RowShape shape, IReadOnlyList<Column> columns, int[] key, int watermark,
    IReadOnlyList<Child> children, int pageRows) : IReading
{
    /// <summary>Faulty rows a reading tells one by one; more of them are one mistake at the source, not so many.</summary>
    private const int MostFaulty = 10_000;

    /// <summary>A page ends early at so many bytes of text: memory is bounded by what a page holds, not by how many rows it may have.</summary>
    private const int LongestPage = 8 << 20;

    private readonly List<Text> _notes = [.. course?.Notes ?? []];
    private readonly List<string[]> _keys = [];
    private Pages _pages = new(shape, children);
    private Pages _others = new(shape, children);
    private readonly CancellationTokenSource _unwanted = new();
    private Task<RowPage?>? _next;
    private IRows? _rows;
    private string? _lastMark;
    private string[] _lastKey = [];
    private int _faulty;
    private bool _onFaulty = course?.After is null;
    private bool _ended;
    private bool _isFull;

    public bool IsComplete => course is null;

    public IReadOnlyList<Text> Notes { get; private set; } = [];

    public SourceFile? FinishedFile => null;

    public Task CommittedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<RowPage?> ReadAsync(CancellationToken cancellationToken)
    {
        var page = await (_next ?? FillNextAsync(cancellationToken));
        Notes = [.. _notes];
        (_pages, _others) = (_others, _pages);
        _next = page is null ? Task.FromResult<RowPage?>(null) : Task.Run(() => FillAheadAsync(cancellationToken), CancellationToken.None);
        return page;
    }

    private async Task<RowPage?> FillAheadAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unwanted.Token);
        return await FillNextAsync(either.Token);
    }

    private async Task<RowPage?> FillNextAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return null;
        }

        var page = _pages.Page;
        _rows ??= await OpenAsync(cancellationToken);
        if (_onFaulty && await FillAsync(cancellationToken) > 0)
        {
            return page;
        }

        if (_onFaulty)
        {
            _onFaulty = false;
            await _rows.DisposeAsync();
            _rows = await OpenAsync(cancellationToken);
        }

        _ended = await FillAsync(cancellationToken) < pageRows && !_isFull;
        page.Position = (_ended ? course?.AtEnd(_lastMark) : _lastMark is null ? null : course?.AtPage([_lastMark, .. _lastKey]))?.ToString();
        if (_ended)
        {
            TellEnd();
            await ReleaseAsync();
        }

        return _ended && course is null && page is { Count: 0, Faults.Count: 0 } ? null : page;
    }

    public async ValueTask DisposeAsync()
    {
        await _unwanted.CancelAsync();
        if (_next is not null)
        {
            // Read ahead and wanted no more; what went wrong with it is wanted no more either.
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ReleaseAsync();
        _unwanted.Dispose();
    }

    private Task<IRows> OpenAsync(CancellationToken cancellationToken)
    {
        var statement = _onFaulty ? statements.Faulty(MostFaulty) : course?.After is { } after ? statements.After(after) : statements.From(course?.From);
        return session.OpenAsync(statement, columns, cancellationToken);
    }

    /// <returns>Rows of the source that were taken into the page, faulty ones too.</returns>
    private async Task<int> FillAsync(CancellationToken cancellationToken)
    {
        var page = _pages.Page;
        page.Clear();
        _keys.Clear();
        var read = 0;
        _isFull = false;
        while (!_isFull && read < pageRows && await _rows!.NextAsync(cancellationToken))
        {
            read++;
            _rows.AddCells(page);
            _isFull = page.TextLength > LongestPage;
            var fault = FaultOfRow(page);
            var values = new string?[key.Length];
            for (var i = 0; i < key.Length; i++)
            {
                values[i] = _rows.ValueOf(key[i]);
            }

            if (!_onFaulty && course is not null)
            {
                Remember(values);
            }

            if (fault is not null)
            {
                page.AbandonRow(fault);
                continue;
            }

            page.EndRow();
            if (children.Count > 0)
            {
                _keys.Add(values!);
            }
        }

        _lastMark = _rows!.Kept ?? _lastMark;
        _faulty += page.Faults.Count;
        foreach (var child in children)
        {
            var childPage = _pages.Children[child.Name];
            childPage.Clear();
            page.AddChildren(child.Name, new ChildRows(childPage, page.Count == 0 ? [0] : await session.ReadChildrenAsync(child, _keys, childPage, cancellationToken)));
        }

        return read;
    }

    // A row whose watermark or key are no text still has a place in the order; the one before it is where reading may go on.
    private void Remember(string?[] values)
    {
        if (!values.Contains(null) && _rows!.TryKeep(watermark))
        {
            _lastKey = values!;
        }
    }

    private RowFault? FaultOfRow(RowPage page)
    {
        foreach (var column in key)
        {
            if (RowFaults.IsBlank(page, column))
            {
                return RowFaults.WithoutKey(page, column);
            }
        }

        return _onFaulty ? RowFaults.WithoutWatermark(page, key, watermark) : null;
    }

    private void TellEnd()
    {
        if (_faulty >= MostFaulty)
        {
            _notes.Add(new Text(
                "Có từ {0} dòng trở lên ở nguồn thiếu khóa hoặc thiếu mốc cập nhật; chỉ chừng đó được nêu từng dòng.",
                "At least {0} rows at the source lack a key or a watermark; only so many are told one by one.").With(MostFaulty));
        }

        if (_lastMark is not null && scale?.IsAhead(_lastMark) == true)
        {
            _notes.Add(new Text(
                "Có bản ghi mang thời điểm cập nhật ở tương lai; vẫn được gửi, nhưng mốc không vượt quá hiện tại. Kiểm tra đồng hồ của hệ thống nguồn.",
                "Some records are stamped in the future; they are shipped, but the watermark does not pass the present. Check the source system's clock."));
        }
    }

    private async ValueTask ReleaseAsync()
    {
        if (_rows is { } rows)
        {
            _rows = null;
            await rows.DisposeAsync();
        }

        await session.DisposeAsync();
    }

    /// <summary>Room for one page and its children.</summary>
    private sealed class Pages(RowShape shape, IReadOnlyList<Child> children)
    {
        public RowPage Page { get; } = new(shape);

        public Dictionary<string, RowPage> Children { get; } = children.ToDictionary(c => c.Name, c => new RowPage(c.Shape), StringComparer.Ordinal);
    }
}

using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>
/// Reads one query of a PostgreSQL or SQLite database, either the rows that changed since the last reading or all of them. A row that a late
/// transaction commits behind the watermark is read by a later reading (<see cref="Course"/>).
/// </summary>
internal sealed class SqlSource : ISource
{
    private readonly SqlSourceOptions _options;
    private readonly Database _database;
    private readonly string _query;
    private readonly Dictionary<string, string> _childQueries;
    private readonly string? _watermark;

    /// <exception cref="SourceBrokenException">A setting or a query file cannot be used.</exception>
    public SqlSource(SqlSourceOptions options, SourceContext context)
    {
        _options = options;
        _query = QueryText.Read(context.Folder, options.Query);
        _childQueries = options.Children.ToDictionary(c => c.Key, c => QueryText.Read(context.Folder, c.Value.Query), StringComparer.Ordinal);
        _watermark = options.Effective == SqlMode.Watermark ? options.Watermark : null;
        _database = new Database(options, context);
    }

    public async Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken)
    {
        var stored = _watermark is null ? Progress.Start : Progress.Parse(request.Watermark);
        var session = await _database.ConnectAsync(cancellationToken);
        try
        {
            var columns = await session.DescribeAsync(_query, cancellationToken);
            var shape = Shape(_options.Query, columns);
            int[] key = [.. _options.Key.Select(k => Find(_options.Query, shape, k))];
            var children = await DescribeChildrenAsync(session, cancellationToken);
            var (course, scale, watermark) = ((Course?)null, (Scale?)null, -1);
            if (_watermark is not null)
            {
                watermark = Find(_options.Query, shape, _watermark);
                var horizon = await session.LookAsync(_query, columns[watermark], cancellationToken);
                scale = session.ScaleOf(columns[watermark], horizon);
                CheckStored(stored, scale, columns[watermark]);
                course = new Course(stored, horizon, scale, _options.Lag, key.Length + 1);
            }

            await session.BeginAsync(children.Count > 0, cancellationToken);
            var statements = new Statements(_query, _watermark, _options.Key, session.Operand);
            return new SqlReading(session, statements, course, scale, shape, columns, key, watermark, children, _options.PageRows ?? request.PageRows);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var parts = _options.Key.Length == 1 ? [key] : key.Split('|');
        if (parts.Length != _options.Key.Length)
        {
            return null;
        }

        await using var session = await _database.ConnectAsync(cancellationToken);
        var columns = await session.DescribeAsync(_query, cancellationToken);
        var shape = Shape(_options.Query, columns);
        int[] ordinals = [.. _options.Key.Select(k => Find(_options.Query, shape, k))];
        var children = await DescribeChildrenAsync(session, cancellationToken);
        await session.BeginAsync(children.Count > 0, cancellationToken);
        return await new Finding(session, new Statements(_query, _watermark, _options.Key, session.Operand), new RowPage(shape), columns, ordinals, children).ReadAsync(parts, cancellationToken);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    // The server would only say that some value does not convert.
    private void CheckStored(Progress stored, Scale scale, Column column)
    {
        if ((stored.Safe ?? stored.Page?.At[0]) is { } known && !scale.Knows(known))
        {
            throw new SourceBrokenException(new Text(
                $"Cột mốc '{column.Name}' của truy vấn {_options.Query} nay có kiểu {column.TypeName}, không so được với mốc đã lưu. Trả lại kiểu cũ, hoặc chạy đồng bộ toàn bộ một lần (--full).",
                $"The watermark column '{column.Name}' of the query {_options.Query} is now of type {column.TypeName} and cannot be compared with the stored watermark. Change it back, or run one full sync (--full)."));
        }
    }

    private async Task<IReadOnlyList<Child>> DescribeChildrenAsync(ISession session, CancellationToken cancellationToken)
    {
        var children = new List<Child>();
        foreach (var (name, options) in _options.Children)
        {
            var query = _childQueries[name];
            var columns = await session.DescribeAsync(query, cancellationToken);
            var shape = Shape(options.Query, columns);
            var on = options.On.Select(c => columns[Find(options.Query, shape, c)]).ToArray();
            foreach (var column in options.OrderBy)
            {
                Find(options.Query, shape, column);
            }

            children.Add(new Child(name, query, columns, shape, on, options.OrderBy));
        }

        return children;
    }

    private static RowShape Shape(string file, IReadOnlyList<Column> columns)
    {
        var twice = columns.GroupBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        return twice is null ? new RowShape(columns.Select(c => c.Name)) : throw new SourceBrokenException(new Text(
            $"Truy vấn {file} cho hai cột cùng tên '{twice.Key}'. Đặt tên khác bằng AS.", $"The query {file} gives two columns named '{twice.Key}'. Rename one with AS."));
    }

    private static int Find(string file, RowShape shape, string column) => shape.Find(column) is >= 0 and var ordinal ? ordinal : throw new SourceBrokenException(new Text(
        $"Truy vấn {file} không có cột '{column}'. Các cột hiện có: {string.Join(", ", shape.Columns)}.",
        $"The query {file} has no column '{column}'. It has: {string.Join(", ", shape.Columns)}."));
}

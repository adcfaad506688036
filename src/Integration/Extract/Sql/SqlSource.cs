using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>Reads one query of a PostgreSQL or SQLite database.</summary>
internal sealed class SqlSource(SqlSourceOptions options, SourceContext context) : ISource
{
    public Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken) => throw new NotSupportedException($"{options.Query} {context.Pipeline}");

    public Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult<RowPage?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

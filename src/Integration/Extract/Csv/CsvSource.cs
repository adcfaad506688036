using Integration.Records;

namespace Integration.Extract.Csv;

/// <summary>Takes CSV files that another system drops into a folder, one a reading.</summary>
internal sealed class CsvSource(CsvSourceOptions options, SourceContext context) : ISource
{
    public Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken) => throw new NotSupportedException($"{options.Pattern} {context.Pipeline}");

    public Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult<RowPage?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

using System.Globalization;
using Integration.Extract;
using Integration.Records;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Integration.Tests.Extract;

/// <summary>Runs sources the way a sync run does, and keeps what they give.</summary>
internal static class Sourcing
{
    public static readonly TimeZoneInfo HoChiMinh = TimeZoneInfo.FindSystemTimeZoneById("Asia/Ho_Chi_Minh");

    public static ReadingRequest Request(string? watermark, int pageRows, ISet<string>? taken = null) =>
        new(watermark, (sha, _) => Task.FromResult(taken?.Contains(sha) ?? false), pageRows);

    public static SourceContext Context(string folder, Dictionary<string, string?> connection, TimeProvider? clock = null, int recordBytes = Oversize.UsualLimit)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(connection.ToDictionary(c => $"Connections:Source:{c.Key}", c => c.Value)).Build();
        return new SourceContext("test", folder, configuration.GetSection("Connections:Source"), HoChiMinh, clock ?? TimeProvider.System, NullLoggerFactory.Instance) { RecordBytes = recordBytes };
    }

    public static async Task<ReadAll> ReadAllAsync(this ISource source, string? watermark, int pageRows, CancellationToken token, ISet<string>? taken = null)
    {
        await using var reading = await source.BeginAsync(Request(watermark, pageRows, taken), token);
        var all = new ReadAll { Watermark = watermark, IsComplete = reading.IsComplete };
        while (await reading.ReadAsync(token) is { } page)
        {
            all.Add(page);
        }

        if (reading.FinishedFile is { } file)
        {
            all.File = file;
            taken?.Add(file.Sha256);
        }

        await reading.CommittedAsync(token);
        all.Notes.AddRange(reading.Notes);
        return all;
    }

    public static List<string> Keys(RowPage page) => [.. Enumerable.Range(0, page.Count).Select(i => Show(page, page[i, page.Shape.Find("key")])!)];

    /// <summary>A cell's value; the kind goes before it for all but texts.</summary>
    public static string? Show(RowPage page, Cell cell) => cell.Kind switch
    {
        CellKind.Null => null,
        CellKind.Text => page.Text(cell).ToString(),
        CellKind.Number => $"number {page.Text(cell)}",
        CellKind.Unreadable => "unreadable",
        CellKind.Integer => string.Create(CultureInfo.InvariantCulture, $"integer {cell.Bits}"),
        CellKind.Boolean => cell.Bits == 1 ? "true" : "false",
        CellKind.Date => DateOnly.FromDayNumber((int)cell.Bits).ToString("'date 'yyyy-MM-dd", CultureInfo.InvariantCulture),
        CellKind.LocalTime => new DateTime(cell.Bits).ToString("'local 'yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        CellKind.Instant => new DateTime(cell.Bits).ToString("'instant 'yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"{cell.Kind}"),
    };
}

internal sealed class ReadAll
{
    public List<Dictionary<string, string?>> Rows { get; } = [];

    /// <summary>A line a parent row: names of child rows, first column only.</summary>
    public List<(Dictionary<string, string?> Parent, string Set, List<Dictionary<string, string?>> Rows)> Children { get; } = [];

    public List<RowFault> Faults { get; } = [];

    public List<int> PageSizes { get; } = [];

    public List<Text> Notes { get; } = [];

    public string? Watermark { get; set; }

    public bool IsComplete { get; init; }

    public SourceFile? File { get; set; }

    public void Add(RowPage page)
    {
        for (var i = 0; i < page.Count; i++)
        {
            var row = RowOf(page, i);
            Rows.Add(row);
            foreach (var (name, children) in page.Children)
            {
                var range = children.Of(i);
                Children.Add((row, name, [.. Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value).Select(c => RowOf(children.Rows, c))]));
            }
        }

        Faults.AddRange(page.Faults);
        PageSizes.Add(page.Count + page.Faults.Count);
        Watermark = page.Position ?? Watermark;
    }

    private static Dictionary<string, string?> RowOf(RowPage page, int row) =>
        Enumerable.Range(0, page.Shape.Count).ToDictionary(c => page.Shape.Columns[c], c => Sourcing.Show(page, page[row, c]), StringComparer.Ordinal);
}

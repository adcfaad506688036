using Integration.Extract.Sql;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Extract.Sql;

/// <summary>Cells, lists and pages that are too large for the worker's memory.</summary>
public abstract class HugeRecordContract : IAsyncLifetime
{
    private const int Limit = 100_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-").FullName;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected string Folder => _folder;

    public abstract ValueTask InitializeAsync();

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>SQL of a text of so many chars, and of a table of numbers 1 to n with a column <c>n</c>.</summary>
    protected abstract string Text(string length);

    protected abstract string Numbers(int n);

    private protected abstract Dictionary<string, string?> Connection { get; }

    [Theory]
    [InlineData("watermark")]
    [InlineData("sweep")]
    public async Task A_cell_beyond_the_limit_is_told_with_its_size_and_never_read(string mode)
    {
        await using var source = Build(
            $"SELECT n AS key, n AS updated_at, CASE n WHEN 3 THEN {Text("100001")} WHEN 4 THEN {Text("100000")} ELSE 'x' END AS name FROM {Numbers(6)} t", mode);
        var page = await FirstPageAsync(source);
        Assert.Equal(6, page.Count);
        Assert.Equal("quá lớn / too large: 100001 > 100000 byte", page.Text(page[2, 2]).ToString());
        Assert.Equal((CellKind.Unreadable, CellKind.Text, CellKind.Text), (page[2, 2].Kind, page[3, 2].Kind, page[5, 2].Kind));
        Assert.Equal(100_000, page[3, 2].Length);
    }

    [Fact]
    public async Task A_list_of_children_beyond_the_limit_makes_its_parent_unreadable_and_no_other()
    {
        await using var source = Build(
            $"SELECT n AS key, n AS updated_at FROM {Numbers(3)} t", "watermark",
            $"SELECT 1 + (n - 1) / 300 AS parent, {Text("CASE WHEN n BETWEEN 301 AND 600 THEN 500 ELSE 5 END")} AS body FROM {Numbers(900)} c");
        var page = await FirstPageAsync(source);
        var children = page.Children["list"];
        Assert.Equal([0..300, 300..301, 301..601], Enumerable.Range(0, 3).Select(children.Of));
        Assert.All(Enumerable.Range(0, 2), c => Assert.True(Oversize.Is(children.Rows.Text(children.Rows[300, c]))));
        Assert.Equal("aaaaa", children.Rows.Text(children.Rows[301, 1]).ToString());
    }

    [Theory]
    [InlineData("watermark", false)]
    [InlineData("watermark", true)]
    [InlineData("sweep", false)]
    public async Task A_page_of_large_rows_ends_early_and_no_row_is_lost_or_read_twice(string mode, bool withChildren)
    {
        await using var source = Build(
            $"SELECT n AS key, n AS updated_at, {Text("90000")} AS name FROM {Numbers(250)} t", mode,
            withChildren ? $"SELECT n AS parent, 'x' AS body FROM {Numbers(250)} c" : null);
        var all = await source.ReadAllAsync(null, 1000, Token);
        Assert.Equal(Enumerable.Range(1, 250), all.Rows.Select(static r => int.Parse(r["key"]!["integer ".Length..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal([94, 94, 62], all.PageSizes);
        Assert.Equal(withChildren ? 250 : 0, all.Children.Sum(static c => c.Rows.Count));
    }

    private static async Task<RowPage> FirstPageAsync(SqlSource source)
    {
        var reading = await source.BeginAsync(Sourcing.Request(null, 100), Token);
        await using var ended = reading;
        while (true)
        {
            // The first page holds what cannot take part: nothing here.
            if (await reading.ReadAsync(Token) is { Count: > 0 } page)
            {
                return page;
            }
        }
    }

    private protected SqlSource Build(string query, string mode, string? children = null, string[]? orderBy = null)
    {
        File.WriteAllText(Path.Combine(_folder, "query.sql"), query);
        File.WriteAllText(Path.Combine(_folder, "list.sql"), children ?? "");
        var options = new SqlSourceOptions { Connection = "Source", Query = "query.sql", Key = ["key"], Watermark = mode == "watermark" ? "updated_at" : null };
        if (children is not null)
        {
            options.Children.Add("list", new ChildOptions { Query = "list.sql", On = ["parent"], OrderBy = orderBy ?? [] });
        }

        return new SqlSource(options, Sourcing.Context(_folder, Connection, recordBytes: Limit));
    }
}

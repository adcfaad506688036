using Integration.Extract;
using Xunit;

namespace Integration.Tests.Extract;

/// <summary>What every source promises. The subclass says how records get into its system and builds the source.</summary>
public abstract class SourceContract
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Puts records (key, name) where the source reads them; null is a name that is not there.</summary>
    private protected abstract Task PutAsync(IEnumerable<(string Key, string? Name)> records);

    private protected abstract ISource Build();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(1000)]
    public async Task Every_record_is_read_once_in_pages_of_any_size(int pageRows)
    {
        await PutAsync(Numbered(1, 40));
        await using var source = Build();

        var read = await source.ReadAllAsync(null, pageRows, Token);

        Assert.Equal(Numbered(1, 40).Select(r => r.Key), read.Rows.Select(r => r["key"]).Order(StringComparer.Ordinal));
        Assert.Empty(read.Faults);
        Assert.All(read.PageSizes, size => Assert.InRange(size, 0, pageRows));
    }

    [Fact]
    public async Task Texts_come_as_they_are()
    {
        (string, string?)[] records =
        [
            ("a", "Nguyễn Thị \"Hòa\", phường 7"), ("b", "Nguye\u0302\u0303n"), ("c", "dòng một\ndòng hai"), ("d", "  hai đầu có trống  "),
            ("e", "'; DROP TABLE hoso; --"), ("f", "😀 𠀀"), ("g", null), ("h", "\u00A0\u200B"), ("i", "001203000123"), ("j", "=1+1"),
        ];
        await PutAsync(records);
        await using var source = Build();

        var read = await source.ReadAllAsync(null, 4, Token);

        Assert.Equal(records, read.Rows.Select(r => (r["key"]!, r["name"])).OrderBy(r => r.Item1, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_reading_shows_the_moment_at_which_it_began()
    {
        await PutAsync(Numbered(1, 30));
        await using var source = Build();
        await using var reading = await source.BeginAsync(Sourcing.Request(null, 10), Token);
        var keys = Sourcing.Keys((await reading.ReadAsync(Token))!);

        await PutAsync(Numbered(31, 60));
        while (await reading.ReadAsync(Token) is { } page)
        {
            keys.AddRange(Sourcing.Keys(page));
        }

        Assert.Equal(30, keys.Distinct().Count());
        await reading.CommittedAsync(Token);
        var next = await source.ReadAllAsync(null, 10, Token);
        Assert.True(Numbered(31, 60).Select(r => r.Key).ToHashSet().IsSubsetOf(next.Rows.Select(r => r["key"]!)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_reading_that_broke_off_after_any_page_goes_on_without_loss(int pages)
    {
        await PutAsync(Numbered(1, 35));
        await using var source = Build();
        var (keys, position) = (new List<string>(), (string?)null);
        await using (var reading = await source.BeginAsync(Sourcing.Request(null, 8), Token))
        {
            for (var i = 0; i < pages && await reading.ReadAsync(Token) is { } page; i++)
            {
                keys.AddRange(Sourcing.Keys(page));
                position = page.Position ?? position;
            }
        }

        keys.AddRange((await source.ReadAllAsync(position, 8, Token)).Rows.Select(r => r["key"]!));
        Assert.Equal(35, keys.Distinct().Count());
    }

    [Fact]
    public async Task Nothing_is_read_where_there_is_nothing()
    {
        await using var source = Build();

        var read = await source.ReadAllAsync(null, 10, Token);

        Assert.Empty(read.Rows);
        Assert.Empty(read.Faults);
    }

    [Fact]
    public async Task What_happens_after_a_commit_can_be_repeated()
    {
        await PutAsync(Numbered(1, 3));
        await using var source = Build();
        await using var reading = await source.BeginAsync(Sourcing.Request(null, 10), Token);
        while (await reading.ReadAsync(Token) is not null)
        {
        }

        await reading.CommittedAsync(Token);
        await reading.CommittedAsync(Token);
        Assert.Null(await reading.ReadAsync(Token));
    }

    [Fact]
    public async Task A_reading_can_be_cancelled()
    {
        await PutAsync(Numbered(1, 30));
        await using var source = Build();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.ReadAllAsync(null, 10, cancelled.Token));
    }

    private protected static IEnumerable<(string Key, string? Name)> Numbered(int from, int to) =>
        Enumerable.Range(from, to - from + 1).Select(i => ($"K{i:00000}", (string?)$"Tên {i}"));
}

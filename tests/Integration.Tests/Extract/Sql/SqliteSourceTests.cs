using System.Globalization;
using Integration.Extract;
using Integration.Extract.Sql;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Integration.Tests.Extract.Sql;

public sealed class SqliteSourceTests : SourceContract, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-").FullName;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-03-02T05:00:00Z", CultureInfo.InvariantCulture));
    private int _stamps;

    private string Database => $"Data Source={Path.Combine(_folder, "source.db")};Pooling=false";

    public async ValueTask InitializeAsync() =>
        await ExecuteAsync("PRAGMA journal_mode = WAL; CREATE TABLE record (key text, name text, updated_at timestamp)");

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private protected override async Task PutAsync(IEnumerable<(string Key, string? Name)> records)
    {
        await using var connection = new SqliteConnection(Database);
        await connection.OpenAsync(Token);
        foreach (var (key, name) in records)
        {
            await using var insert = new SqliteCommand("INSERT INTO record VALUES ($1, $2, $3)", connection);
            insert.Parameters.AddWithValue("$1", key);
            insert.Parameters.AddWithValue("$2", (object?)name ?? DBNull.Value);
            insert.Parameters.AddWithValue("$3", new DateTime(2026, 3, 2, 10, 0, 0).AddSeconds(_stamps++ / 3).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture));
            await insert.ExecuteNonQueryAsync(Token);
        }
    }

    private protected override ISource Build() => Build("SELECT * FROM record");

    [Theory]
    [InlineData("9007199254740993", "integer 9007199254740993")]
    [InlineData("0.1", "number 0.1")]
    [InlineData("9e999", "unreadable")]
    [InlineData("x'00ff'", "unreadable")]
    [InlineData("CAST(x'c328' AS TEXT)", "unreadable")]
    [InlineData("'0012'", "0012")]
    [InlineData("''", "")]
    [InlineData("NULL", null)]
    public async Task A_value_is_given_as_it_is_stored_or_not_at_all(string expression, string? shown)
    {
        await PutAsync(Numbered(1, 2));
        await using var source = Build($"SELECT key, updated_at, CASE key WHEN 'K00001' THEN {expression} END AS \"Giá trị\" FROM record");

        Assert.Equal([shown, null], (await source.ReadAllAsync(null, 10, Token)).Rows.Select(r => r["Giá trị"]));
    }

    [Fact]
    public async Task Reading_starts_again_at_the_watermark_less_the_lag()
    {
        await PutAsync(Numbered(1, 9));
        await using var source = Build("SELECT * FROM record", o => o.Lag = TimeSpan.FromSeconds(1));

        var first = await source.ReadAllAsync(null, 4, Token);
        var second = await source.ReadAllAsync(first.Watermark, 4, Token);

        Assert.Equal("""{"safe":"'2026-03-02 10:00:02.000000","v":1}""", first.Watermark);
        Assert.Equal(["K00004", "K00005", "K00006", "K00007", "K00008", "K00009"], second.Rows.Select(r => r["key"]));
    }

    [Fact, Trait("Fault", "C3")]
    public async Task Rows_of_the_future_are_shipped_and_told_and_do_not_move_the_watermark_past_now()
    {
        await PutAsync(Numbered(1, 1));
        await ExecuteAsync("INSERT INTO record VALUES ('K2', 'x', '2026-03-03 10:00:00'), ('K3', 'x', 'zzz')");
        await using var source = Build();

        var read = await source.ReadAllAsync(null, 10, Token);

        Assert.Equal(3, read.Rows.Count);
        Assert.Contains("2026-03-02 12:00:00", read.Watermark, StringComparison.Ordinal);
        Assert.Contains(read.Notes, n => n.Vi.Contains("tương lai", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watermark_of_numbers_is_read_from_where_it_stood()
    {
        await ExecuteAsync("CREATE TABLE version (key text, v integer); INSERT INTO version VALUES ('a', 8), ('b', 9), ('c', 10)");
        await using var source = Build("SELECT * FROM version", o => o.Watermark = "v");

        var first = await source.ReadAllAsync(null, 2, Token);
        await ExecuteAsync("INSERT INTO version VALUES ('d', 11)");

        Assert.Equal(["c", "d"], (await source.ReadAllAsync(first.Watermark, 10, Token)).Rows.Select(r => r["key"]));
    }

    [Fact]
    public async Task Children_are_lined_up_with_their_parents_by_every_key_column()
    {
        await ExecuteAsync("""
            CREATE TABLE p ("Mã" integer, part text, updated_at text);
            CREATE TABLE c (p_no integer, p_part text, seq integer);
            INSERT INTO p VALUES (1, 'a', '2026-01-01'), (1, 'b"', '2026-01-01'), (2, 'a', '2026-01-02');
            INSERT INTO c VALUES (1, 'a', 10), (1, 'a', 9), (2, 'a', 1), (9, 'a', 1), (1, 'b"', 5)
            """);
        await using var source = Build("SELECT * FROM p", o =>
        {
            o.Key = ["Mã", "part"];
            o.Children["fees"] = new ChildOptions { Query = Query("fees.sql", "SELECT * FROM c -- all"), On = ["p_no", "p_part"] };
        });

        var read = await source.ReadAllAsync(null, 2, Token);

        Assert.Equal(
            ["integer 1/a: integer 9, integer 10", "integer 1/b\": integer 5", "integer 2/a: integer 1"],
            read.Children.Select(c => $"{c.Parent["Mã"]}/{c.Parent["part"]}: {string.Join(", ", c.Rows.Select(r => r["seq"]))}"));
        Assert.Equal(2, (await source.FindAsync("1|a", Token))!.Children["fees"].Rows.Count);
        Assert.Null(await source.FindAsync("9|a", Token));
    }

    [Fact]
    public async Task Rows_without_key_or_watermark_are_told()
    {
        await ExecuteAsync("INSERT INTO record VALUES (NULL, 'a', '2026-03-02'), ('', 'b', '2026-03-02'), ('K3', 'c', NULL)");
        await using var source = Build();

        var read = await source.ReadAllAsync(null, 1, Token);

        Assert.Empty(read.Rows);
        Assert.Equal(["key-missing", "key-missing", "watermark-missing"], read.Faults.Select(f => f.Rule).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("SELECT key, name, updatd_at AS updated_at FROM record", "updatd_at")]
    [InlineData("SELECT key, name FROM record", "updated_at")]
    [InlineData("SELECT * FROM hoso", "hoso")]
    public async Task What_is_missing_is_named(string query, string named)
    {
        await using var source = Build(query);

        var broken = await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token));

        Assert.Contains(named, broken.What.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_made()
    {
        await using var source = Build("SELECT 1 AS key", o => o.Watermark = null, "Data Source=" + Path.Combine(_folder, "none.db"));

        await Assert.ThrowsAsync<SourceUnavailableException>(() => source.ReadAllAsync(null, 10, Token));
        Assert.False(File.Exists(Path.Combine(_folder, "none.db")));
    }

    [Fact]
    public async Task A_watermark_of_another_source_is_refused()
    {
        await using var source = Build();
        await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync("{\"v\":2}", 10, Token));
        await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync("yesterday", 10, Token));
    }

    private SqlSource Build(string query, Action<SqlSourceOptions>? set = null, string? database = null)
    {
        var options = new SqlSourceOptions { Connection = "Source", Query = Query("query.sql", query), Key = ["key"], Watermark = "updated_at" };
        set?.Invoke(options);
        return new SqlSource(options, Sourcing.Context(_folder, new() { ["Provider"] = "sqlite", ["ConnectionString"] = database ?? Database }, _clock));
    }

    private string Query(string file, string text)
    {
        File.WriteAllText(Path.Combine(_folder, file), text);
        return file;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection(Database);
        await connection.OpenAsync(Token);
        await using var command = new SqliteCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}

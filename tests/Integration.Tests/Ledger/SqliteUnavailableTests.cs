using Integration.Ledger;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Integration.Tests.Ledger;

public sealed class SqliteUnavailableTests : IAsyncDisposable
{
    private readonly SqliteStore _store = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ledger_that_cannot_be_opened_says_so_in_both_languages()
    {
        await using var ledger = LedgerFactory.Create("sqlite", "Data Source=/nowhere/at/all/ledger.db", TimeProvider.System, NullLoggerFactory.Instance);
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.OpenAsync(Cancelled));
        Assert.StartsWith("Không mở được sổ đồng bộ", refused.What.Vi, StringComparison.Ordinal);
        Assert.StartsWith("The ledger cannot be opened", refused.What.En, StringComparison.Ordinal);
    }

    [Fact, Trait("Fault", "B7")]
    public async Task A_ledger_that_another_program_holds_is_busy_and_then_goes_on()
    {
        await using var ledger = _store.Connect();
        await ledger.OpenAsync(Cancelled);
        await using (var other = new SqliteConnection($"{_store.Connection};Pooling=False"))
        {
            await other.OpenAsync(Cancelled);
            await using var held = other.BeginTransaction(deferred: false);
            var busy = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.TryLeaseAsync("job", "a", TimeSpan.FromMinutes(1), Cancelled));
            Assert.Contains("busy", busy.What.En, StringComparison.Ordinal);
            Assert.Empty(await ledger.ReadStatusAsync(Cancelled));
        }

        Assert.NotNull(await ledger.TryLeaseAsync("job", "a", TimeSpan.FromMinutes(1), Cancelled));
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_and_is_called_by_its_name()
    {
        await using (var ledger = _store.Connect())
        {
            await ledger.OpenAsync(Cancelled);
        }

        // A file that may not grow: SQLite answers as it does on a full disk.
        await using var connection = new SqliteConnection($"{_store.Connection};Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA max_page_count = 1";
        await command.ExecuteScalarAsync(Cancelled);
        command.CommandText = "INSERT INTO payload (bytes) VALUES (zeroblob(9000000))";
        var full = Assert.Throws<SqliteException>(() => command.ExecuteNonQuery());
        await using var database = new Integration.Ledger.Sqlite.SqliteDatabase(_store.Connection, TimeProvider.System);
        var told = await Assert.ThrowsAsync<LedgerUnavailableException>(() => database.WriteAsync<int>(_ => throw full, Cancelled));
        Assert.StartsWith("Đĩa chứa sổ đồng bộ đã đầy", told.What.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_ledger_is_not_overwritten()
    {
        var file = Path.GetTempFileName();
        try
        {
            var content = "Đây không phải là sổ đồng bộ.".PadRight(5000, '.');
            await File.WriteAllTextAsync(file, content, Cancelled);
            await using var ledger = LedgerFactory.Create("sqlite", $"Data Source={file}", TimeProvider.System, NullLoggerFactory.Instance);
            var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.OpenAsync(Cancelled));
            Assert.Contains("damaged", refused.What.En, StringComparison.Ordinal);
            Assert.Equal(content, await File.ReadAllTextAsync(file, Cancelled));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void An_unknown_provider_is_refused_by_name()
    {
        var refused = Assert.Throws<ArgumentException>(() => LedgerFactory.Create("mysql", "", TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Contains("sqlite, postgres", refused.Message, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}

using Integration.Ledger;
using Integration.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Integration.Tests.Ledger;

public sealed class PostgresUnavailableTests(PostgresCluster cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_does_not_answer_is_told_without_a_driver_exception()
    {
        await using var ledger = LedgerFactory.Create("postgres", "Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=2", TimeProvider.System, NullLoggerFactory.Instance);
        var lost = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.OpenAsync(Cancelled));
        Assert.StartsWith("Mất kết nối tới sổ đồng bộ", lost.What.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_cannot_be_opened()
    {
        var connection = await cluster.CreateDatabaseAsync(Cancelled);
        await using var ledger = LedgerFactory.Create("postgres", $"{connection}_not", TimeProvider.System, NullLoggerFactory.Instance);
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.OpenAsync(Cancelled));
        Assert.StartsWith("The ledger cannot be opened", refused.What.En, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_connection_is_opened_again_by_the_next_call()
    {
        var store = new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
        await using var ledger = store.Connect();
        await ledger.OpenAsync(Cancelled);
        await ledger.ReadStatusAsync(Cancelled);
        await store.SqlAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        var lost = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.TryLeaseAsync("job", "a", TimeSpan.FromMinutes(1), Cancelled));
        Assert.StartsWith("The connection to the ledger was lost", lost.What.En, StringComparison.Ordinal);
        Assert.NotNull(await ledger.TryLeaseAsync("job", "a", TimeSpan.FromMinutes(1), Cancelled));
    }

    [Fact, Trait("Fault", "B8")]
    public async Task A_read_only_database_is_told_as_such()
    {
        var store = new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
        await using (var ledger = store.Connect())
        {
            await ledger.OpenAsync(Cancelled);
        }

        await using var reading = LedgerFactory.Create(
            "postgres", $"{store.Connection};Options=-c default_transaction_read_only=on", TimeProvider.System, NullLoggerFactory.Instance);
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => reading.TryLeaseAsync("job", "a", TimeSpan.FromMinutes(1), Cancelled));
        Assert.StartsWith("The ledger is read-only", refused.What.En, StringComparison.Ordinal);
        Assert.Empty(await reading.ReadStatusAsync(Cancelled));
    }
}

using Integration.Ledger;
using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Ledger;

public sealed class PostgresExtractionTests(PostgresCluster cluster) : ExtractionContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresDeliveryTests(PostgresCluster cluster) : DeliveryContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresOrderTests(PostgresCluster cluster) : OrderContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresOperatorTests(PostgresCluster cluster) : OperatorContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresStoreTests(PostgresCluster cluster) : StoreContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresPackTests(PostgresCluster cluster) : PackContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresOrderedPackTests(PostgresCluster cluster) : OrderedPackContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));

    [Fact]
    public async Task A_database_that_may_sort_otherwise_keeps_a_row_a_record()
    {
        await Store.SqlAsync("CREATE DATABASE other ENCODING 'WIN1258' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        var connection = ((PostgresStore)Store).Connection;
        await using var store = new PostgresStore(new Npgsql.NpgsqlConnectionStringBuilder(connection) { Database = "other", Pooling = false }.ConnectionString);
        await using var ledger = store.Connect();
        await ledger.OpenAsync(Cancelled);
        var ticket = (await ledger.TryLeaseAsync("sync", "a", Minute, Cancelled))!;
        var run = await ledger.BeginRunAsync(new RunStart(Dossiers, RunKind.Schedule, "w", "m", null), Cancelled);
        Assert.Equal(2, (await ledger.CommitSliceAsync(ticket, run, Slice(Put("k1", "v"), Put("k2", "v")), Cancelled)).Added);
        Assert.Equal(2, await store.NumberAsync("SELECT count(*) FROM record"));
        Assert.Equal(2, (await ledger.CommitSliceAsync(ticket, run, Slice(Put("k1", "v"), Put("k2", "v")), Cancelled)).Unchanged);
    }
}

public sealed class PostgresPackedPayloadTests(PostgresCluster cluster) : PackedPayloadContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresKnownRowsTests(PostgresCluster cluster) : KnownRowsContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresModelTests(PostgresCluster cluster) : ModelContract
{
    protected override int Lives => 15;

    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

public sealed class PostgresLostLeaseTests(PostgresCluster cluster) : LostLeaseContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

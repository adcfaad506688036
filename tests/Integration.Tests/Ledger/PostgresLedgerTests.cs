using Integration.Tests.Support;

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

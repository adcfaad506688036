namespace Integration.Tests.Ledger;

public sealed class SqliteExtractionTests : ExtractionContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteDeliveryTests : DeliveryContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteOrderTests : OrderContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteOperatorTests : OperatorContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteStoreTests : StoreContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqlitePackTests : PackContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteOrderedPackTests : OrderedPackContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqlitePackedPayloadTests : PackedPayloadContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteKnownRowsTests : KnownRowsContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteModelTests : ModelContract
{
    protected override int Lives => 60;

    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

public sealed class SqliteLostLeaseTests : LostLeaseContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

using Integration.Tests.Support;

namespace Integration.Tests.Ledger;

public sealed class PostgresExtractionTests(PostgresCluster cluster) : ExtractionContract
{
    protected override async Task<LedgerStore> CreateStoreAsync() => new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));
}

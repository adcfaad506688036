namespace Integration.Tests.Ledger;

public sealed class SqliteExtractionTests : ExtractionContract
{
    protected override Task<LedgerStore> CreateStoreAsync() => Task.FromResult<LedgerStore>(new SqliteStore());
}

using Microsoft.Data.Sqlite;

namespace Integration.Pipelines;

/// <summary>
/// An embedded ledger serves one worker. The lock is the operating system's, so it ends with the process however that ends.
/// </summary>
internal static class WorkerLock
{
    /// <returns>Null when another worker holds the ledger. A ledger that several workers may share needs no lock.</returns>
    public static IDisposable? TryTake(LedgerSettings ledger)
    {
        if (ledger.Provider != "sqlite")
        {
            return new MemoryStream();
        }

        var path = Path.GetFullPath(new SqliteConnectionStringBuilder(ledger.ConnectionString).DataSource + ".worker");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

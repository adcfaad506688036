using Integration.Ledger;
using Integration.Records;
using Microsoft.Data.Sqlite;

namespace Integration.Pipelines;

/// <summary>
/// An embedded ledger serves one worker. The lock is the operating system's, so it ends with the process however that ends.
/// </summary>
internal static class WorkerLock
{
    private const int Sharing = unchecked((int)0x80070020);

    /// <returns>Null when another worker holds the ledger. A ledger that several workers may share needs no lock.</returns>
    /// <exception cref="LedgerUnavailableException">The ledger's folder cannot be written to.</exception>
    public static IDisposable? TryTake(LedgerSettings ledger)
    {
        if (ledger.Provider != "sqlite")
        {
            return new MemoryStream();
        }

        var path = Path.GetFullPath(new SqliteConnectionStringBuilder(ledger.ConnectionString).DataSource + ".worker");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException(
                new Text(
                    "Không ghi được vào thư mục của sổ đồng bộ: {0}. Chưa có gì được khởi động. Cấp quyền ghi cho tài khoản chạy dịch vụ, kiểm tra ổ đĩa có bị gắn chỉ đọc hay đầy không.",
                    "The ledger's folder cannot be written to: {0}. Nothing was started. Give the service's account the right to write, and see whether the disk is mounted read-only or full.")
                    .With(Masking.Outside(e.Message, 200)), e);
        }
    }

    // On Unix the lock is advisory and its refusal carries the errno (EWOULDBLOCK: 11 on Linux, 35 on macOS).
    private static bool IsHeld(IOException e) => e.HResult == Sharing || (!OperatingSystem.IsWindows() && e.HResult is 11 or 35);
}

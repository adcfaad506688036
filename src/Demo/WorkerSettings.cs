using Demo.Province;
using Microsoft.Data.Sqlite;

namespace Demo;

/// <summary>What the worker is told by environment; the same names an installation uses.</summary>
internal static class WorkerSettings
{
    public const string User = "mau";
    public const string Unit = "000.00.00.H60";

    /// <param name="portal">Address of the simulator.</param>
    /// <param name="page">Address the status page shall listen on.</param>
    public static IReadOnlyDictionary<string, string> Of(DemoOptions options, SampleProvince province, Uri portal, Uri page) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Mappings"] = province.Mappings,
            ["Ledger__Provider"] = options.LedgerConnection is null ? "sqlite" : "postgres",
            ["Ledger__ConnectionString"] = LedgerConnection(options),
            ["Connections__OneStop__Provider"] = "sqlite",
            ["Connections__OneStop__ConnectionString"] = province.ConnectionString,
            ["Connections__Portal__Url"] = portal.ToString(),
            ["Connections__Portal__Username"] = User,
            ["Connections__Portal__PasswordFile"] = PasswordPath(options),
            ["Connections__Portal__Unit"] = Unit,
        // The stand-in is our own; a real portal is spared by the usual limits.
        ["Connections__Portal__RequestsPerSecond"] = "0",
            ["Http__Url"] = page.ToString().TrimEnd('/'),
        ["OperatorLanguage"] = options.Language == Integration.Records.Language.English ? "en" : "vi",
        ["RunAtStart"] = "true",
        };

    public static string LedgerConnection(DemoOptions options) =>
        options.LedgerConnection ?? new SqliteConnectionStringBuilder { DataSource = LedgerPath(options) }.ToString();

    public static string LedgerPath(DemoOptions options) => Path.Combine(options.Folder, "ledger.db");

    /// <summary>Starts over: a SQLite ledger is thrown away, one on PostgreSQL belongs to its owner and is left alone.</summary>
    public static void ForgetLedger(DemoOptions options)
    {
        foreach (var part in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            File.Delete(LedgerPath(options) + part);
        }
    }

    public static string PasswordPath(DemoOptions options) => Path.Combine(options.Folder, "portal-password");

    /// <summary>A password of this demo alone, made new each time; only its owner may read the file.</summary>
    /// <returns>The password, for the simulator.</returns>
    public static string WritePassword(DemoOptions options)
    {
        var password = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        var file = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(PasswordPath(options), file);
        writer.Write(password);
        return password;
    }
}

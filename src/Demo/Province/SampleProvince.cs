using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Demo.Province;

/// <summary>
/// A province that does not exist, in one folder: its one-stop system (<c>one-stop.db</c>), its mappings, and the list of the dirt that was
/// planted in it. The same seed makes the same province on every machine.
/// </summary>
internal sealed partial class SampleProvince
{
    public const ulong DefaultSeed = 60;
    public const int DefaultDossiers = 20_000;

    private SampleProvince(string folder, DirtReport dirt) => (Folder, Dirt) = (folder, dirt);

    public string Folder { get; }

    public DirtReport Dirt { get; }

    public string DatabasePath => Path.Combine(Folder, "one-stop.db");

    /// <summary>Ready for <c>Connections__OneStop__ConnectionString</c>.</summary>
    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = DatabasePath }.ToString();

    public string Mappings => Path.Combine(Folder, "mappings");

    public static bool ExistsIn(string folder) => File.Exists(Path.Combine(folder, "one-stop.db"));

    /// <summary>A province made before, with what is known about its dirt.</summary>
    public static SampleProvince Open(string folder) => new(Path.GetFullPath(folder), DirtReport.Load(folder));

    /// <summary>Makes a province in a folder; one that stands there already is replaced.</summary>
    public static SampleProvince Create(string folder, int dossiers = DefaultDossiers, ulong seed = DefaultSeed)
    {
        var province = new SampleProvince(Path.GetFullPath(folder), new DirtReport());
        Directory.CreateDirectory(province.Folder);
        var dice = new Dice(seed);
        var services = Catalogue.Build(dice);
        CopyMappings(province.Mappings);
        LookupFiles.Write(Path.Combine(province.Mappings, "lookups"), services);

        // The database takes its name last: what stands under that name is always whole.
        var unfinished = province.DatabasePath + ".new";
        DeleteDatabase(unfinished);
        Fill(unfinished, dice, services, dossiers, province.Dirt);
        province.Dirt.Save(province.Folder);
        DeleteDatabase(province.DatabasePath);
        File.Move(unfinished, province.DatabasePath);
        return province;
    }

    /// <summary>Takes away what <see cref="Create"/> made; nothing else in the folder is touched.</summary>
    public static void Clear(string folder)
    {
        DeleteDatabase(Path.Combine(folder, "one-stop.db"));
        File.Delete(Path.Combine(folder, DirtReport.FileName));
        if (Directory.Exists(Path.Combine(folder, "mappings")))
        {
            Directory.Delete(Path.Combine(folder, "mappings"), recursive: true);
        }
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DatabasePath, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Fill(string path, Dice dice, IReadOnlyList<Service> services, int dossiers, DirtReport dirt)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        // Half a file is thrown away by the next Create, so nothing needs to be synced on the way.
        Run(connection, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-65536;");
        Run(connection, OneStopWriter.Schema);
        using (var transaction = connection.BeginTransaction())
        using (var writer = new OneStopWriter(connection))
        {
            foreach (var agency in Agencies.All)
            {
                writer.Write(agency);
            }

            WriteServices(writer, dice, services, dirt);
            var maker = new DossierMaker(dice, services, dossiers);
            var planter = new Planter(dice, dirt, services.First(s => s.National is null).Procedure, dossiers);
            for (var i = 0; i < dossiers; i++)
            {
                writer.Write(planter.Plant(maker.Next()));
            }

            transaction.Commit();
        }

        // The worker reads while the demo edits.
        Run(connection, "PRAGMA journal_mode=WAL;");
    }

    /// <summary>One integrated service in fifty has a decomposed name; nothing else of the integrated ones is dirty.</summary>
    private static void WriteServices(OneStopWriter writer, Dice dice, IReadOnlyList<Service> services, DirtReport dirt)
    {
        var communes = Agencies.All.Where(a => a.Level == 3 && a.Until is null).Select(a => a.Code).ToArray();
        var integrated = 0;
        foreach (var service in services)
        {
            var decomposed = service.Integrated && integrated++ % Planter.OneIn == Planter.OneIn / 2;
            if (decomposed)
            {
                dirt.Add(PipelineNames.Services, service.Code, DirtKind.Decomposed);
            }

            string[] agencies = service.AtCommune ? [communes[dice.Next(60)], communes[60 + dice.Next(60)]] : [service.Field.Department];
            writer.Write(service, decomposed ? Planter.Nfd(service.Name) : service.Name, agencies);
        }
    }

    private static void CopyMappings(string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        var from = Path.Combine(AppContext.BaseDirectory, "mappings");
        Directory.CreateDirectory(to);
        foreach (var file in Directory.Exists(from) ? Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories) : [])
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Path.GetFileName(file) == "pipeline.yaml")
            {
                // Once a minute, so that whoever edits a row of the sample need not wait for the night.
                File.WriteAllText(target, CronText().Replace(File.ReadAllText(file), "cron: \"* * * * *\""));
            }
            else
            {
                File.Copy(file, target);
            }
        }
    }

    [GeneratedRegex("cron: \"[^\"]*\"")]
    private static partial Regex CronText();

    private static void DeleteDatabase(string path)
    {
        foreach (var file in (ReadOnlySpan<string>)[path, path + "-wal", path + "-shm", path + "-journal"])
        {
            File.Delete(file);
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

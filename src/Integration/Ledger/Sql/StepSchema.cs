using System.Globalization;
using System.Reflection;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Brings the schema to this program's version, one step a transaction: a killed step leaves nothing, and is run again.</summary>
internal static class StepSchema
{
    public static async Task RunAsync(Database database, ILogger logger, CancellationToken cancellationToken)
    {
        var steps = Steps(database.Schema);
        var version = -1;
        while (version < steps[^1].Version)
        {
            var next = await database.SetUpAsync(session => StepAsync(session, steps), cancellationToken);
            if (next > version && version >= 0)
            {
                logger.SchemaStepped(next);
            }

            version = next;
        }
    }

    /// <returns>The version the schema has now.</returns>
    private static async Task<int> StepAsync(Session session, IReadOnlyList<(int Version, string Resource)> steps)
    {
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL PRIMARY KEY)");
        var found = (int)(await session.NumberAsync("SELECT max(version) FROM schema_version") ?? 0);
        if (found > steps[^1].Version)
        {
            throw new LedgerTooNewException(found, steps[^1].Version);
        }

        foreach (var (version, resource) in steps)
        {
            if (version > found)
            {
                await session.ExecuteAsync(Read(resource));
                Failpoint.Reach("P17 tables made, version not noted");
                await session.ExecuteAsync("INSERT INTO schema_version (version) VALUES (@version)", ("version", version));
                return version;
            }
        }

        return found;
    }

    private static List<(int Version, string Resource)> Steps(string schema)
    {
        var folder = $"Ledger/Schema/{schema}/";
        return
        [
            .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
                .Where(n => n.StartsWith(folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(n => (int.Parse(n.AsSpan(folder.Length, 3), CultureInfo.InvariantCulture), n)),
        ];
    }

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}

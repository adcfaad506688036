namespace Integration.Benchmarks;

/// <summary>The product itself: <c>integration sync dossiers</c> as an operator runs it, on the shipped lookups and contract.</summary>
internal static class Product
{
    public const string Pipeline = "dossiers";

    /// <summary>Writes the mappings folder: the benchmark's pipeline with the shipped contract and lookups.</summary>
    /// <param name="batch">Records a call.</param>
    public static void WriteMappings(string folder, int batch)
    {
        var from = Path.Combine(AppContext.BaseDirectory, "mapping");
        var pipeline = Directory.CreateDirectory(Path.Combine(folder, Pipeline)).FullName;
        File.WriteAllText(Path.Combine(pipeline, "pipeline.yaml"), File.ReadAllText(Path.Combine(from, "pipeline.yaml")).Replace("batch: 1000", $"batch: {batch}", StringComparison.Ordinal));
        File.Copy(Path.Combine(from, "contract.schema.json"), Path.Combine(pipeline, "contract.schema.json"), overwrite: true);
        File.WriteAllText(Path.Combine(pipeline, "dossiers.sql"), Source.Dossiers);
        File.WriteAllText(Path.Combine(pipeline, "fees.sql"), Source.Fees);
        File.WriteAllText(Path.Combine(pipeline, "attachments.sql"), Source.Attachments);
        var samples = Directory.CreateDirectory(Path.Combine(pipeline, "samples")).FullName;
        File.Copy(Path.Combine(from, "samples", "blank-optionals.json"), Path.Combine(samples, "blank-optionals.json"), overwrite: true);
        var lookups = Directory.CreateDirectory(Path.Combine(folder, "lookups")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(from, "lookups")))
        {
            File.Copy(file, Path.Combine(lookups, Path.GetFileName(file)), overwrite: true);
        }
    }

    public static Dictionary<string, string> Settings(string mappings, string provider, string ledger, string source, Uri receiver) => new(StringComparer.Ordinal)
    {
        ["Mappings"] = mappings,
        ["Ledger__Provider"] = provider,
        ["Ledger__ConnectionString"] = ledger,
        ["Connections__OneStop__Provider"] = "postgres",
        ["Connections__OneStop__ConnectionString"] = source,
        ["Connections__Portal__Url"] = receiver.ToString(),
        ["Connections__Portal__Username"] = "bench",
        ["Connections__Portal__Password"] = "bench",
        ["Connections__Portal__Unit"] = "000.00.00.H60",
        ["Connections__Portal__RequestsPerSecond"] = "0",
        ["OperatorLanguage"] = "en",
    };
}

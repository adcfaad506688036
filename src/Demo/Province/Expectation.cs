namespace Demo.Province;

/// <summary>What must have become of one pipeline once everything was delivered.</summary>
/// <param name="Waiting">Steps of dossiers that were refused; the lane holds them back.</param>
internal sealed record Expectation(string Pipeline, long Extracted, long Acknowledged, long Waiting, long Refused, IReadOnlyDictionary<DirtKind, int> Planted);

/// <summary>What must have become of one record.</summary>
internal enum Fate
{
    Acknowledged,
    Waiting,
    Refused,
}

/// <summary>The expected outcome of a province nobody has edited, told record by record from its database and the list of planted dirt.</summary>
internal static class Expectations
{
    public static IReadOnlyList<Expectation> Read(SampleProvince province) => [.. PipelineNames.All.Select(p => Read(province, p))];

    /// <summary>Every record of a pipeline and its fate, streamed.</summary>
    public static IEnumerable<(string Key, Fate Fate)> ReadFates(SampleProvince province, string pipeline)
    {
        using var connection = province.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = pipeline switch
        {
            PipelineNames.Services => "SELECT service_code, NULL FROM service WHERE integrated = 1 ORDER BY 1",
            PipelineNames.Dossiers => "SELECT dossier_no, NULL FROM dossier ORDER BY 1",
            _ => "SELECT step_id, dossier_no FROM progress ORDER BY 1",
        };
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var key = reader.GetString(0);
            yield return (key, FateOf(province.Dirt, pipeline, key, reader.IsDBNull(1) ? null : reader.GetString(1)));
        }
    }

    private static Fate FateOf(DirtReport dirt, string pipeline, string key, string? parent)
    {
        if (dirt.IsRefused(pipeline, key))
        {
            return Fate.Refused;
        }

        return parent is not null && dirt.IsRefused(PipelineNames.Dossiers, parent) ? Fate.Waiting : Fate.Acknowledged;
    }

    private static Expectation Read(SampleProvince province, string pipeline)
    {
        var counts = new long[3];
        foreach (var (_, fate) in ReadFates(province, pipeline))
        {
            counts[(int)fate]++;
        }

        var planted = DirtKind.All
            .Select(k => (Kind: k, Count: province.Dirt.Count(pipeline, k)))
            .Where(k => k.Count > 0)
            .ToDictionary(k => k.Kind, k => k.Count);
        return new Expectation(pipeline, counts.Sum(), counts[(int)Fate.Acknowledged], counts[(int)Fate.Waiting], counts[(int)Fate.Refused], planted);
    }
}

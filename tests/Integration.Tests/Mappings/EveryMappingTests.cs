using Integration.Pipelines.Definitions;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Mappings;

public sealed class EveryMappingTests
{
    public static TheoryData<string> Pipelines => [.. Shipped.Pipelines];

    [Fact]
    public void The_shipped_mappings_have_no_fault()
    {
        var set = Shipped.Load(connections: ["OneStop", "Portal"]);

        Assert.Empty(Texts(set.Faults));
        Assert.Equal(Shipped.Pipelines, set.Pipelines.Select(p => p.Name));
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Every_sample_comes_out_as_it_says(string pipeline)
    {
        var definition = Shipped.Load().Pipelines.Single(p => p.Name == pipeline);

        Assert.Empty(Texts(SampleCheck.Run(definition)));
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Every_pipeline_shows_at_least_six_cases(string pipeline)
    {
        var samples = Directory.GetFiles(Path.Combine(Shipped.Folder, pipeline, "samples"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).ToList();

        Assert.True(samples.Count >= 6, $"{pipeline} has {samples.Count} samples");
        Assert.Contains("plain", samples);
        Assert.Contains("decomposed-text", samples);
        Assert.Contains("blank-optionals", samples);
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Decomposed_samples_really_are_decomposed(string pipeline)
    {
        using var sample = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shipped.Folder, pipeline, "samples", "decomposed-text.json")));
        var texts = sample.RootElement.GetProperty("in").EnumerateObject().Where(p => p.Value.ValueKind == System.Text.Json.JsonValueKind.String).Select(p => p.Value.GetString()!);

        Assert.Contains(texts, t => !t.IsNormalized());
    }

    [Fact]
    public void Statuses_map_to_the_ten_of_the_portal()
    {
        var rows = File.ReadAllLines(Path.Combine(Shipped.Folder, "lookups", "dossier-status.csv")).Skip(1).Select(l => l.Split(',')[1]);

        Assert.Equal(Enumerable.Range(1, 10).Select(n => $"{n}"), rows);
    }

    internal static IEnumerable<string> Texts(IEnumerable<Fault> faults) => faults.Select(f => $"{f.At}: {f.What.En}");
}

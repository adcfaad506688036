using System.Buffers;
using Demo.Province;
using Integration.Deliver;
using Integration.Extract;
using Integration.Map;
using Integration.Pipelines.Definitions;
using Integration.Records;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Integration.Tests.Demo.Province;

/// <summary>The whole province through the product's own reading, mapping and checking: exactly the planted records are refused, for the planted reason.</summary>
public sealed class RealMappingsTests(WholeProvince whole) : IClassFixture<WholeProvince>
{
    [Fact]
    public void The_copied_mappings_are_whole_and_their_samples_still_come_out()
    {
        var definitions = Load();

        Assert.Empty(definitions.Faults);
        Assert.All(definitions.Pipelines, p => Assert.Empty(SampleCheck.Run(p)));
    }

    [Theory]
    [InlineData("services")]
    [InlineData("dossiers")]
    [InlineData("progress")]
    public async Task Exactly_the_planted_records_are_refused_for_the_planted_reason(string pipeline)
    {
        var definition = Load().Pipelines.Single(p => p.Name == pipeline);
        var (seen, refused, decomposed, proved) = await RunAsync(definition);

        Assert.Equal(Expectations.ReadFates(whole.Province, pipeline).Select(f => f.Key), seen.Order(StringComparer.Ordinal));
        Assert.Equal(whole.Province.Dirt.RefusedKeys(pipeline).Order(StringComparer.Ordinal), refused.Keys.Order(StringComparer.Ordinal));
        Assert.All(refused, r => Assert.Contains(whole.Province.Dirt.KindOf(pipeline, r.Key)!.Rule, r.Value));
        Assert.Equal(0, decomposed);

        // The usual record is seen to be good while it is written; a record of another kind would only cost time.
        Assert.Equal(seen.Count - refused.Count, proved);
    }

    private DefinitionSet Load() => DefinitionSet.Load(whole.Province.Mappings, Sources.All, Targets.All, ["OneStop", "Portal"]);

    private async Task<(List<string> Seen, Dictionary<string, string[]> Refused, int Decomposed, int Proved)> RunAsync(PipelineDefinition definition)
    {
        var cancelled = TestContext.Current.CancellationToken;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([
            new("OneStop:Provider", "sqlite"), new("OneStop:ConnectionString", whole.Province.ConnectionString)]).Build();
        await using var source = definition.SourceKind.Create(definition.Source, new SourceContext(
            definition.Name, definition.Folder, configuration.GetSection("OneStop"), definition.Schedule.Zone, TimeProvider.System, NullLoggerFactory.Instance));
        await using var reading = await source.BeginAsync(new ReadingRequest(null, (_, _) => Task.FromResult(false)), cancelled);
        Mapper? mapper = null;
        var seen = new List<string>();
        var refused = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var (decomposed, proved) = (0, 0);
        while (await reading.ReadAsync(cancelled) is { } page)
        {
            Assert.Empty(page.Faults);
            mapper ??= Compile(definition, page);
            for (var row = 0; row < page.Count; row++)
            {
                var key = page.Text(page[row, page.Shape.Find(definition.Source.Key[0])]).ToString();
                var payload = new ArrayBufferWriter<byte>();
                var rejections = new List<Rejection>();
                if (mapper.Map(page, row, payload, rejections))
                {
                    definition.Contract.Check(payload.WrittenSpan, definition.Personal, rejections);
                    Assert.True(rejections.Count == 0 || !mapper.IsProved, $"{key} was proved and is refused: {string.Join("; ", rejections)}");
                    proved += mapper.IsProved ? 1 : 0;
                    // A combining mark may also be hidden behind an escape.
                    var text = System.Text.Encoding.UTF8.GetString(payload.WrittenSpan);
                    decomposed += text.IsNormalized() && !text.Contains("\\u03", StringComparison.Ordinal) ? 0 : 1;
                }

                seen.Add(key);
                if (rejections.Count > 0)
                {
                    refused.Add(key, [.. rejections.Select(r => r.Rule)]);
                }
            }
        }

        return (seen, refused, decomposed, proved);
    }

    private static Mapper Compile(PipelineDefinition definition, RowPage page)
    {
        var faults = new List<Fault>();
        var mapper = Mapper.Compile(
            definition.Map, definition.Contract.Types, definition.Lookups, new MapOptions(definition.Name, definition.Schedule.Zone, definition.Personal, definition.Contract.Terms),
            page.Shape, page.Children.ToDictionary(c => c.Key, c => c.Value.Rows.Shape), faults);
        Assert.Empty(faults);
        return mapper!;
    }
}

using Integration.Deliver;
using Integration.Extract;
using Integration.Extract.Sql;
using Integration.Pipelines.Definitions;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using Xunit;

namespace Integration.Tests.Mappings;

/// <summary>What editors know about pipeline.yaml against what the reader knows.</summary>
public sealed class EditorSchemaTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Shipped.Folder, "pipeline.schema.json"));

    public static TheoryData<string> Pipelines => [.. Shipped.Pipelines];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task Every_shipped_pipeline_satisfies_it(string pipeline)
    {
        var schema = await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken);

        Assert.Empty(schema.Validate(Read(pipeline)).Select(e => $"{e.Path} {e.Kind} line {e.LineNumber}"));
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task A_misspelt_word_does_not_satisfy_it(string pipeline)
    {
        var schema = await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken);
        var yaml = (JObject)Read(pipeline);
        yaml["shedule"] = yaml["schedule"];

        Assert.NotEmpty(schema.Validate(yaml));
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Every_shipped_pipeline_names_it_for_editors(string pipeline) =>
        Assert.Equal("# yaml-language-server: $schema=../pipeline.schema.json", File.ReadLines(Path.Combine(Shipped.Folder, pipeline, "pipeline.yaml")).First());

    [Fact]
    public void It_knows_the_words_of_the_reader_and_no_others()
    {
        Same(Words.Pipeline, "properties");
        Same(Words.Schedule, "properties.schedule.properties");
        Same(Words.WaitsFor, "properties['waits-for'].properties");
        Same(Words.Guard, "properties.guard.properties");
        Same(Words.Field, "definitions.map.additionalProperties.oneOf[1].properties");
        Same(Words.Condition, "definitions.map.additionalProperties.oneOf[1].properties.when.oneOf[1].properties");
        Assert.Equal(Words.Blank, JObject.Parse(Text).SelectToken("properties.blank.enum")!.Values<string>());
    }

    [Fact]
    public void It_knows_every_source_and_target_with_its_options()
    {
        Same([.. Sources.All.Select(s => s.Name), "children"], "properties.source.properties");
        Same([.. Targets.All.Select(t => t.Name)], "properties.target.properties");
        Same(OptionsBinder.Words(typeof(ChildOptions)), "properties.source.properties.children.additionalProperties.properties");
        foreach (var source in Sources.All)
        {
            SameOptions(source.Options, $"properties.source.properties.{source.Name}");
        }

        foreach (var target in Targets.All)
        {
            SameOptions(target.Options, $"properties.target.properties.{target.Name}");
        }
    }

    [Fact]
    public void It_describes_every_word_in_Vietnamese()
    {
        var bare = JObject.Parse(Text).Descendants().OfType<JProperty>()
            .Where(p => p.Parent?.Parent is JProperty { Name: "properties" } && p.Value is JObject o && o["description"] is null && o["$ref"] is null)
            .Select(p => p.Path);

        Assert.Empty(bare);
    }

    private static void SameOptions(Type options, string path)
    {
        Same([.. OptionsBinder.Words(options).Where(w => w != "children")], $"{path}.properties");
        foreach (var property in options.GetProperties().Where(p => p.SetMethod is { IsPublic: true }))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var word = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            if (type.IsEnum)
            {
                Assert.Equal(OptionValue.Choices(type).Order(), JObject.Parse(Text).SelectToken($"{path}.properties.{word}.enum")!.Values<string>().Order());
            }
            else if (type.IsClass && type.Namespace!.StartsWith("Integration", StringComparison.Ordinal))
            {
                SameOptions(type, $"{path}.properties.{word}");
            }
        }
    }

    private static void Same(IEnumerable<string> words, string path)
    {
        var known = JObject.Parse(Text).SelectToken(path) as JObject;
        Assert.True(known is not null, $"the schema has no {path}");
        Assert.Equal(words.Order(StringComparer.Ordinal), known.Properties().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    private static JToken Read(string pipeline)
    {
        var faults = new FaultList();
        var yaml = YamlFile.Read("pipeline.yaml", File.ReadAllBytes(Path.Combine(Shipped.Folder, pipeline, "pipeline.yaml")), faults);
        Assert.Empty(faults.All);
        return Json(yaml!);
    }

    private static JToken Json(YamlNode node) => node switch
    {
        YamlMap map => new JObject(map.Entries.Select(e => new JProperty(e.Word, Json(e.Value)))),
        YamlList list => new JArray(list.Items.Select(Json)),
        YamlText { Quoted: false, Value: "true" or "false" } flag => new JValue(flag.Value == "true"),
        YamlText { Quoted: false } number when long.TryParse(number.Value, out var whole) => new JValue(whole),
        YamlText { Quoted: false } number when double.TryParse(number.Value, System.Globalization.CultureInfo.InvariantCulture, out var real) => new JValue(real),
        YamlText text => new JValue(text.Value),
        _ => throw new InvalidOperationException(),
    };
}

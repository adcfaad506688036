using System.Text;
using Integration.Pipelines.Definitions;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Pipelines.Definitions;

/// <summary>Every kind of mistake in a mappings folder, its line and its message.</summary>
public sealed class FaultTests : IDisposable
{
    private const string Secret = "S3cretS3cret-do-not-show";
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("personal:", "persnal:", 8, "did you mean 'personal'")]
    [InlineData("personal:", "xyz:", 8, "'xyz' is not known in pipeline.yaml; there are: source,")]
    [InlineData("  sql:", "  sgl:", 2, "did you mean 'sql'")]
    [InlineData("  dvcqg:", "  dvcgq:", 6, "did you mean 'dvcqg'")]
    [InlineData("key: id, ", "", 2, "'key' is missing in sql")]
    [InlineData("query: things.sql, ", "", 2, "'query' is missing in sql")]
    [InlineData("connection: OneStop, ", "", 2, "A sql source must name a connection")]
    [InlineData("connection: Portal, ", "", 6, "'connection' is missing in dvcqg")]
    [InlineData("connection: OneStop", "connection: OneStp", 2, "did you mean 'OneStop'")]
    [InlineData("connection: Portal", "connection: Elsewhere", 6, "the Connections of the configuration are: OneStop, Portal")]
    [InlineData("query: things.sql", "query: thing.sql", 2, "there is no file 'thing.sql' in folder things; did you mean 'things.sql'")]
    [InlineData("query: things.sql", "query: ../things/things.sql", 2, "must lie in folder things")]
    [InlineData("query: things.sql", "query: /etc/passwd", 2, "must lie in folder things")]
    [InlineData("query: things.sql", "query: 'samples\\x.sql'", 2, "must lie in folder things")]
    [InlineData("query: fees.sql", "query: samples/../fees.sql", 4, "must lie in folder things")]
    [InlineData("watermark: updated_at", "mode: swep", 2, "'mode' cannot be 'swep'; did you mean 'sweep'")]
    [InlineData("watermark: updated_at", "mode: watermark", 2, "needs a watermark column")]
    [InlineData("watermark: updated_at", "lag: soon", 2, "'lag' must be a time span such as")]
    [InlineData("watermark: updated_at", "lag: 30d", 2, "'lag' must lie in 0s – 7d")]
    [InlineData("watermark: updated_at", "pageRows: 0", 2, "'pageRows' must lie in 1 – 100000")]
    [InlineData("watermark: updated_at", "pageRows: many", 2, "'pageRows' must be a whole number")]
    [InlineData("watermark: updated_at", "watermark: [a]", 2, "'watermark' needs a value, found a list")]
    [InlineData("on: id", "on: [id, step]", 3, "fees.on must name 1 columns")]
    [InlineData("on: id", "order: id", 4, "'on' is missing in fees")]
    [InlineData("service: DongBoHoSoMC", "service: ''", 6, "'service' needs a value")]
    [InlineData("service: DongBoHoSoMC", "service: A, batch: 5000", 6, "'batch' must lie in 1 – 1000")]
    [InlineData("service: DongBoHoSoMC", "service: A, repeatIsSafe: perhaps", 6, "'repeatIsSafe' must be true or false")]
    [InlineData("service: DongBoHoSoMC", "service: A, codes: { '-9': later }", 6, "'-9' must be one of: refused, accepted,")]
    [InlineData("service: DongBoHoSoMC", "service: A, codes: [a]", 6, "'codes' must be pairs of name: value")]
    [InlineData("service: DongBoHoSoMC", "service: A, lookUp: { argument: x }", 6, "'service' is missing in lookUp")]
    [InlineData("service: DongBoHoSoMC", "service: A, lookUp: TraCuuHoSo", 6, "'lookUp' must hold words")]
    [InlineData("*/10 * * * *", "*/10 * * * * *", 7, "'cron' must have five valid fields")]
    [InlineData("*/10 * * * *", "99 * * * *", 7, "'cron' must have five valid fields")]
    [InlineData("*/10 * * * *", "0 0 30 2 *", 7, "never comes round")]
    [InlineData("cron: ", "corn: ", 7, "did you mean 'cron'")]
    [InlineData("Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Min", 7, "did you mean 'Asia/Ho_Chi_Minh'")]
    [InlineData("Asia/Ho_Chi_Minh", "../../etc/passwd", 7, "there is no zone")]
    [InlineData("ChuHoSo]", "Chu]", 8, "'personal' names field 'Chu', which the contract does not have")]
    [InlineData("group: owner\n", "", 9, "'group' and 'order' go together")]
    [InlineData("order: step\n", "", 9, "'group' and 'order' go together")]
    [InlineData("group: owner", "group:", 9, "'group' needs a value, found nothing")]
    [InlineData("share: 0.1", "share: 5", 11, "'share' must be a number in 0 – 1")]
    [InlineData("count: 7", "count: 1.5", 11, "'count' must be a whole number")]
    [InlineData("count: 7", "cuont: 7", 11, "did you mean 'count'")]
    [InlineData("map:\n", "blank: none\nmap:\n", 12, "'blank' must be empty or omit")]
    [InlineData("map:\n", "waits-for: { pipeline: thing, key: id }\nmap:\n", 12, "names pipeline 'thing', which does not exist; did you mean 'things'")]
    [InlineData("map:\n", "waits-for: { pipeline: things, key: id }\nmap:\n", 12, "circle: things → things")]
    [InlineData("map:\n", "waits-for: { pipeline: things, key: [id, step] }\nmap:\n", 12, "circle")]
    [InlineData("map:\n", "waits-for: { pipeline: things }\nmap:\n", 12, "'key' is missing in waits-for")]
    [InlineData("map:\n", "map: nothing\nmapp:\n", 12, "'map' needs at least one line")]
    [InlineData("  MaHoSo: id\n", "", 0, "MaHoSo")]
    [InlineData("  MaHoSo: id\n", "  MaHoSo: id\n  MaHoS: id\n", 14, "MaHoS")]
    [InlineData("  MaHoSo: id\n", "  MaHoSo: id\n  MaHoSo: id\n", 14, "'MaHoSo' stands twice (first on line 13)")]
    [InlineData("  MaHoSo: id\n", "  MaHoSo:\n", 13, "'MaHoSo' must hold words")]
    [InlineData("  MaHoSo: id\n", "  MaHoSo: [id]\n", 13, "'MaHoSo' must hold words")]
    [InlineData("  MaHoSo: id\n", "  MaHoSo: { lookup: states }\n", 13, "'from' is missing in MaHoSo")]
    [InlineData("  MaHoSo: id\n", "  MaHoSo: { from: [] }\n", 13, "the list 'from' is empty")]
    [InlineData("  MaHoSo: id\n", "  MaHoSo: { form: id }\n", 13, "did you mean 'from'")]
    [InlineData(", join: \" \"", "", 14, "")]
    [InlineData("lookup: states", "lookup: a.b.c", 15, "'lookup' is written 'table' or 'table.column'")]
    [InlineData("lookup: states", "lookup: states.too", 15, "too")]
    [InlineData("lookup: states", "as-of: at", 15, "'as-of' only makes sense together with 'lookup'")]
    [InlineData("lookup: states", "lookup: states, join: x", 15, "join")]
    [InlineData("max: 20", "max: 0", 16, "'max' must be a number in 1")]
    [InlineData("max: 20, ", "", 16, "cut")]
    [InlineData("cut: true", "cut: yes", 16, "'cut' must be true or false")]
    [InlineData("is: [a, b]", "are: [a, b]", 16, "'are' is not known in when")]
    [InlineData("is: [a, b]", "is: a, not: b", 16, "'is' and 'not' do not go together")]
    [InlineData("column: status, ", "", 16, "'column' is missing in when")]
    [InlineData("value: \"1\"", "value: \"1\", from: id", 17, "'from' does not go with 'value'")]
    [InlineData("format: yyyyMMdd", "format: yyyymmdd", 18, "")]
    [InlineData("format: yyyyMMdd", "parse: dd/MM/yyyy", 18, "parse")]
    [InlineData("each: fees", "each: fee", 19, "fees")]
    [InlineData("each: fees, map: { Gia: amount }", "each: fees", 19, "'map' is missing in Le")]
    [InlineData("each: fees, ", "each: fees, max: 3, ", 19, "'max' does not go with 'each'")]
    [InlineData("map: { Ten: first }", "map: { Ten: first }, from: id", 20, "'from' does not go with 'map'")]
    [InlineData("map: { Ten: first }", "map: { Tne: first }", 20, "Ten")]
    [InlineData("personal: [ChuHoSo]", "personal: &a [ChuHoSo]", 8, "anchors")]
    [InlineData("personal: [ChuHoSo]", "personal: *a", 8, "aliases")]
    [InlineData("personal: [ChuHoSo]", "personal: !!set [ChuHoSo]", 8, "tags")]
    [InlineData("personal: [ChuHoSo]", "personal: [ChuHoSo", 8, "not valid YAML")]
    [InlineData("group: owner", "group: \"\\u0007\"", 9, "a character that cannot be sent")]
    [InlineData("  MaHoSo", "\tMaHoSo", 13, "indented with a tab")]
    [InlineData("group: owner", "---\ngroup: owner", 9, "more than one YAML document")]
    [InlineData("children:", "chilren:", 3, "did you mean 'children'")]
    [InlineData("service: DongBoHoSoMC", "service: DongBoHoSoMC, password: " + Secret, 6, "looks like a password")]
    [InlineData("service: DongBoHoSoMC", "service: DongBoHoSoMC, arguments: { apiKey: " + Secret + " }", 6, "looks like a password")]
    [InlineData("connection: Portal", "connection: 'Server=x;Password=" + Secret + "'", 6, "looks like a password")]
    [InlineData("connection: Portal", "connection: https://user:" + Secret + "@portal.example", 6, "looks like a password")]
    [InlineData("value: \"1\"", "value: " + Secret + "0A1b2C3d4E5f6", 17, "looks like a password")]
    public void Every_mistake_has_its_line_and_its_message(string find, string replace, int line, string message)
    {
        _bench.Spoil(find, replace);

        var faults = _bench.Faults();

        Assert.True(faults.Any(f => f.At.File == "things/pipeline.yaml" && f.At.Line == line && f.What.En.Contains(message, StringComparison.Ordinal)),
            string.Join('\n', EveryFault(faults)));
        Assert.DoesNotContain(EveryFault(faults), f => f.Contains(Secret, StringComparison.Ordinal));
        Assert.All(faults, f => Assert.NotEqual(f.What.Vi, f.What.En));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("   \n", "the file is empty")]
    [InlineData("# only a remark\n", "the file holds nothing")]
    [InlineData("just a text\n", "expected words at the top of the file, found a value")]
    [InlineData("- a\n- b\n", "expected words at the top of the file, found a list")]
    [InlineData("source: {}\n", "'source' needs exactly one of: sql, csv")]
    public void A_file_that_is_no_definition_says_so(string yaml, string message)
    {
        _bench.Write("things/pipeline.yaml", yaml);

        Assert.Contains(_bench.Faults(), f => f.What.En.Contains(message, StringComparison.Ordinal) || (yaml.Length == 0 && f.What.En.Contains("empty", StringComparison.Ordinal)));
    }

    [Fact, Trait("Fault", "J1")]
    public void A_file_cut_short_is_not_taken_for_a_shorter_one()
    {
        _bench.Write("things/pipeline.yaml", Bench.Yaml.TrimEnd());

        Assert.Contains(_bench.Faults(), f => f.At.Line == 20 && f.What.En.Contains("may have been cut", StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_a_fault()
    {
        _bench.Write("things/pipeline.yaml", [.. Encoding.UTF8.GetBytes(Bench.Yaml), 0xC3, 0x28, (byte)'\n']);

        Assert.Contains(_bench.Faults(), f => f.What.En.Contains("not UTF-8", StringComparison.Ordinal));
    }

    [Fact]
    public void A_huge_or_deep_file_is_a_fault()
    {
        _bench.Write("things/pipeline.yaml", Bench.Yaml + string.Concat(Enumerable.Repeat("# much too much text\n", 20_000)));
        Assert.Contains(_bench.Faults(), f => f.What.En.Contains("larger than 256 KB", StringComparison.Ordinal));

        _bench.Write("things/pipeline.yaml", new string('[', 5_000) + "\n");
        Assert.NotEmpty(_bench.Faults());
    }

    [Fact]
    public void Missing_files_of_a_pipeline_are_faults()
    {
        _bench.Delete("things/contract.schema.json");
        _bench.Delete("things/samples/plain.json");
        _bench.Delete("things/fees.sql");

        var faults = _bench.Faults();

        Assert.Contains(faults, f => f.What.En.Contains("no file 'contract.schema.json'", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.At.File == "things/samples" && f.What.En.StartsWith("there are no samples", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.At.Line == 4 && f.What.En.Contains("no file 'fees.sql'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_without_a_pipeline_file_is_a_fault()
    {
        _bench.Delete("things/pipeline.yaml");

        Assert.Contains(_bench.Faults(), f => f.What.En.Contains("no file 'pipeline.yaml'", StringComparison.Ordinal));
    }

    [Fact]
    public void Mistakes_in_lookups_and_contracts_are_told_with_the_rest()
    {
        _bench.Write("lookups/broken.csv", "from,to\na,1\na,2\n");
        _bench.Write("things/contract.schema.json", "{ \"type\": \"objekt\" }");
        _bench.Spoil("cron: ", "corn: ");

        var files = _bench.Faults().Select(f => f.At.File).Distinct();

        Assert.Equal(["lookups/broken.csv", "things/contract.schema.json", "things/pipeline.yaml"], files);
    }

    [Fact]
    public void A_file_that_points_out_of_the_folder_is_refused()
    {
        _bench.Write("outside.sql", "SELECT 1");
        _bench.Delete("things/fees.sql");
        File.CreateSymbolicLink(Path.Combine(_bench.Folder, "things", "fees.sql"), Path.Combine(_bench.Folder, "outside.sql"));

        Assert.Contains(_bench.Faults(), f => f.At.Line == 4 && f.What.En.Contains("points outside folder things", StringComparison.Ordinal));
    }

    [Fact]
    public void Pipelines_that_wait_for_each_other_are_a_fault()
    {
        _bench.Spoil("map:\n", "waits-for: { pipeline: others, key: id }\nmap:\n");
        var yaml = Bench.Spoilt(Bench.Yaml, "map:\n", "waits-for: { pipeline: things, key: id }\nmap:\n");
        _bench.Pipeline("others", Bench.Spoilt(yaml, "service: DongBoHoSoMC", "service: Other"));

        var circles = _bench.Faults().Where(f => f.What.En.Contains("circle", StringComparison.Ordinal)).Select(f => f.At.ToString());

        Assert.Equal(["others/pipeline.yaml:12", "things/pipeline.yaml:12"], circles);
    }

    [Fact]
    public void The_parents_key_must_have_as_many_columns()
    {
        _bench.Pipeline("others", Bench.Spoilt(Bench.Spoilt(Bench.Yaml, "map:\n", "waits-for: { pipeline: things, key: [id, step] }\nmap:\n"), "DongBoHoSoMC", "Other"));

        Assert.Contains(_bench.Faults(), f => f.At.File == "others/pipeline.yaml" && f.What.En == "the key of pipeline 'things' has 1 columns, 'waits-for.key' has 2");
    }

    [Fact]
    public void Two_pipelines_may_not_write_to_one_service()
    {
        _bench.Pipeline("twins", Bench.Yaml);

        var fault = Assert.Single(_bench.Faults());
        Assert.Equal("twins/pipeline.yaml:5", fault.At.ToString());
        Assert.Contains("things, twins", fault.What.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_name_that_cannot_be_a_pipelines_name_is_refused()
    {
        _bench.Pipeline("Two Words", Bench.Spoilt(Bench.Yaml, "DongBoHoSoMC", "Other"));

        Assert.Contains(_bench.Faults(), f => f.At.File == "Two Words");
    }

    [Fact]
    public void An_empty_or_missing_mappings_folder_is_a_fault()
    {
        Directory.Delete(Path.Combine(_bench.Folder, "things"), recursive: true);
        Assert.Contains(_bench.Faults(), f => f.What.En.Contains("holds no pipeline", StringComparison.Ordinal));

        var nowhere = DefinitionSet.Load(Path.Combine(_bench.Folder, "nowhere"), [], [], null);
        Assert.Contains(nowhere.Faults, f => f.What.En.Contains("there is no mappings folder", StringComparison.Ordinal));
        Assert.DoesNotContain(EveryFault(nowhere.Faults), f => f.Contains(_bench.Folder, StringComparison.Ordinal));
    }

    private static IEnumerable<string> EveryFault(IEnumerable<Fault> faults) => faults.Select(f => $"{f.At}: {f.What.Vi} | {f.What.En}");
}

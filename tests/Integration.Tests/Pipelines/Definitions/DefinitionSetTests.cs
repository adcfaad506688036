using Integration.Deliver.Dvcqg;
using Integration.Extract.Sql;
using Integration.Map;
using Integration.Pipelines.Definitions;
using Xunit;

namespace Integration.Tests.Pipelines.Definitions;

public sealed class DefinitionSetTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_right_folder_is_read_whole()
    {
        var set = _bench.Load();

        Assert.Empty(set.Faults);
        var pipeline = Assert.Single(set.Pipelines);
        Assert.Equal("things", pipeline.Name);
        Assert.Equal("sql", pipeline.SourceKind.Name);
        Assert.Equal("dvcqg", pipeline.TargetKind.Name);
        var source = Assert.IsType<SqlSourceOptions>(pipeline.Source);
        Assert.Equal(["id"], source.Key);
        Assert.Equal(("updated_at", "OneStop", "fees.sql"), (source.Watermark, source.Connection, source.Children["fees"].Query));
        Assert.Equal("DongBoHoSoMC", Assert.IsType<DvcqgOptions>(pipeline.Target).Service);
        Assert.Equal(("*/10 * * * *", "Asia/Ho_Chi_Minh"), (pipeline.Schedule.Cron, pipeline.Schedule.Zone.Id));
        Assert.Equal(["ChuHoSo"], pipeline.Personal);
        Assert.Equal(("owner", "step"), (pipeline.Group, pipeline.Order));
        Assert.Equal(new Guard(0.1, 7), pipeline.Guard);
        Assert.Equal(["states"], pipeline.Lookups.Tables.Keys);
        Assert.Single(pipeline.Samples);
        Assert.Empty(SampleCheck.Run(pipeline));
    }

    [Fact]
    public void The_map_is_read_as_it_is_written()
    {
        var fields = _bench.Load().Pipelines.Single().Map.Fields.ToDictionary(f => f.Target);

        var name = Assert.IsType<ColumnField>(fields["ChuHoSo"]);
        Assert.Equal(["first", "last"], name.From);
        Assert.Equal((" ", 14), (name.Join, name.At.Line));
        Assert.Equal(new LookupUse("states", "to", null), Assert.IsType<ColumnField>(fields["TrangThai"]).Lookup);
        var note = Assert.IsType<ColumnField>(fields["GhiChu"]);
        Assert.Equal((20, true, false, "status"), (note.Max, note.Cut, note.Required, note.When!.Column));
        Assert.Equal(["a", "b"], note.When.Values);
        Assert.Equal("1", Assert.IsType<FixedField>(fields["Loai"]).Value);
        Assert.Equal(("yyyyMMdd", true), (((ColumnField)fields["Ngay"]).Format, ((ColumnField)fields["Ngay"]).Required));
        Assert.Equal("fees", Assert.IsType<ListField>(fields["Le"]).Each);
        Assert.Equal("Ten", Assert.Single(Assert.IsType<ObjectField>(fields["Nguoi"]).Fields).Target);
    }

    [Theory]
    [InlineData("when: status", false, 0)]
    [InlineData("when: { column: status }", false, 0)]
    [InlineData("when: { column: status, is: a }", false, 1)]
    [InlineData("when: { column: status, not: [a, b] }", true, 2)]
    public void A_condition_may_be_a_column_or_name_its_values(string when, bool negated, int values)
    {
        _bench.Spoil("when: { column: status, is: [a, b] }", when);

        var set = _bench.Load();

        Assert.Empty(set.Faults);
        var condition = ((ColumnField)set.Pipelines.Single().Map.Fields.Single(f => f.Target == "GhiChu")).When!;
        Assert.Equal(("status", negated, values), (condition.Column, condition.Negated, condition.Values.Count));
    }

    [Fact]
    public void Five_mistakes_are_told_at_once_with_file_and_line()
    {
        var yaml = Bench.Spoilt(Bench.Yaml, "schedule:", "shedule:");
        yaml = Bench.Spoilt(yaml, "watermark: updated_at", "watermak: updated_at");
        yaml = Bench.Spoilt(yaml, "lookup: states", "lookup: stats");
        yaml = Bench.Spoilt(yaml, "max: 20", "max: twenty");
        yaml = Bench.Spoilt(yaml, "personal: [ChuHoSo]", "personal: [ChuHoS]");
        _bench.Write("things/pipeline.yaml", yaml);

        var faults = _bench.Faults();

        Assert.All(faults, f => Assert.Equal("things/pipeline.yaml", f.At.File));
        Assert.Equal(
            [
                (1, "'schedule' is missing in pipeline.yaml"),
                (2, "'watermak' is not known in sql; did you mean 'watermark'?"),
                (7, "'shedule' is not known in pipeline.yaml; did you mean 'schedule'?"),
                (8, "'personal' names field 'ChuHoS', which the contract does not have; did you mean 'ChuHoSo'?"),
                (16, "'max' must be a number in 1 – 1000000"),
            ],
            faults.Where(f => !f.What.En.Contains("lookup", StringComparison.Ordinal)).Select(f => (f.At.Line, f.What.En)));
        Assert.Contains(faults, f => f.At.Line == 15 && f.What.En.Contains("'stats'", StringComparison.Ordinal) && f.What.En.Contains("states", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.What.Vi == "không hiểu 'shedule' trong pipeline.yaml; có phải 'schedule'?");
        Assert.Empty(_bench.Load().Pipelines);
    }

    [Fact]
    public void The_version_changes_with_everything_that_decides_what_is_sent()
    {
        var versions = new HashSet<string> { Version() };
        foreach (var (file, text) in new[]
        {
            ("things/pipeline.yaml", Bench.Yaml + "# a remark\n"), ("things/things.sql", "SELECT 3"), ("things/fees.sql", "SELECT 4"),
            ("things/contract.schema.json", Bench.Contract + "\n"), ("lookups/states.csv", "from,to\na,1\nb,2\nc,2\n"),
        })
        {
            _bench.Write(file, text);
            Assert.True(versions.Add(Version()), $"{file} does not count");
        }
    }

    [Fact]
    public void The_version_does_not_change_with_samples_or_lookups_of_others()
    {
        var before = Version();
        _bench.Write("things/samples/more.json", Bench.Sample);
        _bench.Write("lookups/other.csv", "from,to\nx,y\n");

        Assert.Equal(before, Version());
    }

    [Fact]
    public void Connections_are_not_checked_when_the_configuration_is_not_at_hand()
    {
        _bench.Connections = null;

        Assert.Empty(_bench.Faults());
    }

    private string Version() => _bench.Load().Pipelines.Single().Version.ToString();
}

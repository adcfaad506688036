using System.Buffers;
using System.Text;
using Integration.Ledger;
using Integration.Map;
using Integration.Pipelines;
using Integration.Pipelines.Definitions;
using Integration.Records;
using Integration.Tests.Faults;
using Integration.Tests.Mappings;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.Pipelines;

/// <summary>A row is passed over only when nothing that decides what becomes of it has changed.</summary>
public sealed class RowHashTests
{
    private const int Rows = 300;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_read_again_unchanged_is_counted_and_not_mapped()
    {
        using var source = new SqliteRecords(Rows);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.SyncedAsync();
        await bench.DeliverAsync();

        var definition = bench.Pipelines.Find(FaultBench.Things)!.Definition;
        await using var reading = await bench.Pipelines.Find(FaultBench.Things)!.Source.BeginAsync(new(null, (_, _) => Task.FromResult(false)), Cancelled);
        var page = (await reading.ReadAsync(Cancelled))!;
        var reader = RecordReader.For(definition, page, [])!;
        var slice = new Slice();
        reader.Read(page, slice, null, await bench.Ledger.ReadKnownRowsAsync(FaultBench.Things, reader.Identify(page), Cancelled));
        Assert.Equal((0, Rows), (slice.Entries.Count, slice.PassedOver));

        source.Execute("UPDATE record SET name = 'other' WHERE key IN ('K000007', 'K000300')");
        var again = await bench.SyncAsync(full: true);
        Assert.Equal(new SliceCounts(Rows, Rows - 2, 0, 2, 0, 0), again.Counts);
        await bench.DeliverAsync();
        Assert.Equal(Rows + 2, bench.Portal.Effects().Count());
        Assert.Equal(new SliceCounts(Rows, Rows, 0, 0, 0, 0), (await bench.SyncAsync(full: true)).Counts);
    }

    [Fact]
    public async Task A_row_that_went_back_to_what_it_was_is_sent_again()
    {
        using var source = new SqliteRecords(Rows);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.SyncedAsync();
        await bench.DeliverAsync();
        foreach (var change in (string[])["CREATE TABLE kept AS SELECT * FROM record; UPDATE record SET name = 'other' WHERE key = 'K000007'", "DELETE FROM record; INSERT INTO record SELECT * FROM kept"])
        {
            source.Execute(change);
            Assert.Equal(new SliceCounts(Rows, Rows - 1, 0, 1, 0, 0), (await bench.SyncAsync(full: true)).Counts);
            await bench.DeliverAsync();
        }

        Assert.Equal(3, bench.Portal.Effects().Count(static e => e.Key == "K000007"));
    }

    public static TheoryData<string> ShippedPipelines => [.. Shipped.Pipelines];

    [Theory]
    [MemberData(nameof(ShippedPipelines))]
    public void Whatever_changes_the_record_changes_the_hash(string pipeline)
    {
        var definition = Shipped.Load().Pipelines.Single(p => p.Name == pipeline);
        var changes = 0;
        foreach (var sample in definition.Samples)
        {
            var row = (JObject)Payload.Parse(File.ReadAllBytes(sample))["in"]!;
            var (hash, made) = Read(definition, row);
            foreach (var value in row.Descendants().OfType<JValue>().Where(static v => v.Parent is JProperty { Name: not ['$', ..] }).ToArray())
            {
                foreach (var other in (object?[])[null, "khác", 7, "2025-07-15 08:25:31", "1.000656"])
                {
                    var before = value.Value;
                    value.Value = other;
                    var (changed, madeOf) = Read(definition, row);
                    Assert.True(made == madeOf || hash != changed, $"{Path.GetFileName(sample)}: {value.Path}");
                    changes += made == madeOf ? 0 : 1;
                    value.Value = before;
                }
            }

            foreach (var list in row.Properties().Where(static p => p.Value is JArray { Count: > 0 }).ToArray())
            {
                var kept = list.Value.DeepClone();
                ((JArray)list.Value).RemoveAt(0);
                Assert.NotEqual(hash, Read(definition, row).Hash);
                list.Value = kept;
            }
        }

        Assert.True(changes > 100, $"only {changes} changes came to anything");
    }

    [Fact]
    public async Task Kind_value_and_place_of_every_cell_and_the_definition_take_part()
    {
        using var source = new SqliteRecords(1);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        var definition = bench.Pipelines.Find(FaultBench.Things)!.Definition;
        Action<RowPage>[] rows =
        [
            static p => Add(p, "a", "b"),
            static p => Add(p, "ab", ""),
            static p => Add(p, "a", null),
            static p => Add(p, null, "a"),
            static p => Add(p, null, null),
            static p => { p.AddText("1"); p.AddInteger(1); p.EndRow(); },
            static p => { p.AddText("1"); p.AddText("1"); p.EndRow(); },
            static p => { p.AddText("1"); p.AddNumber("1"); p.EndRow(); },
            static p => { p.AddText("1"); p.AddBoolean(true); p.EndRow(); },
            static p => { p.AddText("1"); p.AddInstant(new DateTime(1)); p.EndRow(); },
            static p => { p.AddText("1"); p.AddLocalTime(new DateTime(1)); p.EndRow(); },
            static p => { p.AddText("1"); p.AddUnreadable("1"); p.EndRow(); },
        ];
        var seen = new HashSet<Guid>();
        foreach (var made in (PipelineDefinition[])[definition, definition with { Version = ContentHash.Of([1]) }])
        {
            foreach (var row in rows)
            {
                var page = Page(["key", "name"]);
                row(page);
                var hash = new RowHash(made, page, longest: 1000).Of(page, 0);
                Assert.True(seen.Add(hash));
                Assert.Equal(hash, new RowHash(made, page, longest: 1000).Of(page, 0));
                Assert.NotEqual(hash, new RowHash(made, page, longest: 1001).Of(page, 0));
            }
        }

        // What is not read may change as it likes.
        var stamped = Page(["key", "read_at", "name"]);
        Add(stamped, "a", "now", "b");
        Assert.Contains(new RowHash(definition, stamped, longest: 1000).Of(stamped, 0), seen);
    }

    [Fact]
    public async Task A_corrected_definition_maps_every_row_once_more_and_then_knows_it()
    {
        using var source = new SqliteRecords(Rows);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        await bench.SyncedAsync();
        var things = bench.Pipelines.Find(FaultBench.Things)!;
        var corrected = new Pipeline(things.Definition with { Version = ContentHash.Of([1]) }, things.Source, things.Target);
        foreach (var mapped in (int[])[Rows, 0])
        {
            await using var reading = await things.Source.BeginAsync(new(null, (_, _) => Task.FromResult(false)), Cancelled);
            var page = (await reading.ReadAsync(Cancelled))!;
            var known = await bench.Ledger.ReadKnownRowsAsync(FaultBench.Things, RecordReader.For(corrected.Definition, page, [])!.Identify(page), Cancelled);
            Assert.Equal(mapped, known.Count(static k => !k));
            var result = await new SyncRun(corrected, bench.Ledger, new WorkerIdentity("test", Language.Vietnamese), TimeSpan.FromMinutes(1), TimeProvider.System, bench.Heard.As<SyncRun>(), FaultBench.AnyDisk)
                .RunAsync(new SyncRequest(RunKind.Request, Full: true), Cancelled);
            Assert.Equal(new SliceCounts(Rows, Rows, 0, 0, 0, 0), result.Counts);
        }
    }

    [Fact]
    public async Task What_the_page_before_may_be_changing_is_looked_at()
    {
        using var source = new SqliteRecords(1);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        var page = Page(["key", "name", "updated_at"]);
        Add(page, "Hồ sơ", "một", "x");
        var reader = RecordReader.For(bench.Pipelines.Find(FaultBench.Things)!.Definition, page, [])!;
        Assert.NotNull(Assert.Single(reader.Identify(page)).Hash);

        // The same key, composed otherwise; and the key of a row that could not be read.
        page.AbandonRow(new RowFault(Rules.WatermarkMissing.Code, "without a watermark", "", default));
        reader.Read(page, new Slice(), null, [false]);
        var twin = Page(["key", "name", "updated_at"]);
        Add(twin, "Hồ sơ".Normalize(NormalizationForm.FormD), "hai", "x");
        Add(twin, "other", "ba", "x");
        Add(twin, null, "không khóa", "x");
        Add(twin, "without a watermark", "bốn", "x");
        var rows = reader.Identify(twin);
        Assert.Equal(["Hồ sơ", "other", null, "without a watermark"], rows.Select(static r => r.Key));
        Assert.Equal(["other"], rows.Where(static r => r.Hash is not null).Select(static r => r.Key));
    }

    [Fact]
    public async Task A_second_row_of_a_known_key_is_still_told()
    {
        using var source = new SqliteRecords(1);
        await using var bench = await FaultBench.StartAsync(SqliteRecords.Source, source.Connection);
        var page = Page(["key", "name", "updated_at"]);
        Add(page, "a", "một", "x");
        Add(page, "a", "một", "x");
        var reader = RecordReader.For(bench.Pipelines.Find(FaultBench.Things)!.Definition, page, [])!;
        var slice = new Slice();
        var keys = new List<string>();
        reader.Identify(page);
        reader.Read(page, slice, keys, [true, true]);
        Assert.Equal(1, slice.PassedOver);
        var second = Assert.Single(slice.Entries);
        Assert.Equal((EntryKind.Reject, Rules.DuplicateKey.Code, (Guid?)null), (second.Kind, Assert.Single(second.Rejections!).Rule, second.Row));
        Assert.Equal(["a", second.Key], keys);
    }

    // The payload, or why there is none.
    private static (Guid Hash, string Made) Read(PipelineDefinition definition, JObject row)
    {
        var (shape, children) = Mapper.ColumnsOf(definition.Map);
        var own = shape.Columns.Concat(definition.Source.Key).Concat(definition.WaitsFor?.Key ?? []).Concat(new[] { definition.Group, definition.Order }.OfType<string>());
        var page = RawRow.Read(Encoding.UTF8.GetBytes(row.ToString()), new RowShape(own.Distinct()), children);
        var mapper = Mapper.Compile(
            definition.Map, definition.Contract.Types, definition.Lookups, new MapOptions(definition.Name, definition.Schedule.Zone, definition.Personal), page.Shape, children, [])!;
        var (payload, rejections) = (new ArrayBufferWriter<byte>(), new List<Rejection>());
        mapper.Map(page, 0, payload, rejections);
        return (new RowHash(definition, page, longest: 1000).Of(page, 0), rejections.Count > 0 ? string.Join('\n', rejections) : Encoding.UTF8.GetString(payload.WrittenSpan));
    }

    private static RowPage Page(string[] columns) => new(new RowShape(columns));

    private static void Add(RowPage page, params string?[] cells)
    {
        foreach (var cell in cells)
        {
            if (cell is null)
            {
                page.AddNull();
            }
            else
            {
                page.AddText(cell);
            }
        }

        page.EndRow();
    }
}

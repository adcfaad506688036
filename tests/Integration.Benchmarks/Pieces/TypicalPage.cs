using Integration.Map;
using Integration.Pipelines;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Benchmarks.Pieces;

/// <summary>The benchmark's pipeline and one page of its source, as <see cref="Source"/> fills it and the SQL source would read it.</summary>
internal sealed class TypicalPage
{
    public const int Rows = 1000;

    private static readonly DateTime s_first = new(2025, 7, 15, 8, 0, 0);
    private static readonly string[] s_channels = ["truc-tiep", "truc-tuyen", "bcci"];
    private static readonly string[] s_statuses = ["tiep-nhan", "dang-xu-ly", "xong", "da-tra"];

    private TypicalPage(PipelineDefinition definition, RowPage page) => (Definition, Page) = (definition, page);

    public PipelineDefinition Definition { get; }

    public RowPage Page { get; }

    public static TypicalPage Make()
    {
        var folder = Directory.CreateTempSubdirectory("pieces-").FullName;
        try
        {
            var mappings = Path.Combine(folder, "mappings");
            Product.WriteMappings(mappings, Rows);
            var settings = Product.Settings(mappings, "sqlite", $"Data Source={Path.Combine(folder, "ledger.db")}", "", new Uri("http://portal.mau.example/"));
            var workspace = Workspace.Read(new ConfigurationBuilder().AddInMemoryCollection(
                settings.Select(static s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Value))).Build());
            return workspace.Faults.Count == 0
                ? new TypicalPage(workspace.Definitions.Pipelines[0], Fill())
                : throw new InvalidOperationException(string.Join('\n', workspace.Faults.Select(static f => f.What.En)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public RecordReader Reader()
    {
        var faults = new List<Fault>();
        return RecordReader.For(Definition, Page, faults) ?? throw new InvalidOperationException(string.Join('\n', faults.Select(static f => f.What.En)));
    }

    public Mapper Mapper() => Map.Mapper.Compile(
        Definition.Map, Definition.Contract.Types, Definition.Lookups, new MapOptions(Definition.Name, Definition.Schedule.Zone, Definition.Personal, Definition.Contract.Terms), Page.Shape,
        Page.Children.ToDictionary(static c => c.Key, static c => c.Value.Rows.Shape, StringComparer.Ordinal), []) ?? throw new InvalidOperationException("The map does not fit.");

    private static RowPage Fill()
    {
        var page = new RowPage(new RowShape(ColumnsOf(Source.Dossiers)));
        var fees = new RowPage(new RowShape(ColumnsOf(Source.Fees)));
        var attachments = new RowPage(new RowShape(ColumnsOf(Source.Attachments)));
        for (var n = 1; n <= Rows; n++)
        {
            var key = $"H60.02-250715-{n:00000000}";
            Add(page, key, "1.000656.000.00.00.H60", "H60.02", s_channels[n % 3], "cong-dan", $"Người nộp {n}", $"{n:000000000000}", "cccd",
                $"09{n:00000000}", $"nguoi{n}@mau.example", $"Đăng ký khai tử theo đơn đề nghị số {n}", $"Hồ sơ nộp đủ thành phần, đã kiểm tra lần {n % 7}",
                s_statuses[n % 4], s_first.AddSeconds(n), s_first.AddSeconds(n + 1800), new DateTime(2026, 7, 18, 17, 0, 0),
                new DateTime(2026, 7, 17, 10, 0, 0), new DateTime(2026, 7, 17, 11, 0, 0), null, "truc-tiep", "tinh", 1L, (long)(n % 2), "tinh", s_first.AddSeconds(n + 1800));
            Add(fees, key, 1L, "Lệ phí hộ tịch", $"LP-{n % 50}", "tiep-nhan", n % 100 * 1000m, "le-phi");
            Add(attachments, key, 1L, $"tep-{n}", $"Đơn đề nghị {n}.pdf", "TP01", $"https://mot-cua.mau.example/tep/{n}", 1L, "0", 0L);
        }

        page.AddChildren("fees", new ChildRows(fees, [.. Enumerable.Range(0, Rows + 1)]));
        page.AddChildren("attachments", new ChildRows(attachments, [.. Enumerable.Range(0, Rows + 1)]));
        return page;
    }

    private static string[] ColumnsOf(string query) =>
        query["SELECT ".Length..query.IndexOf("FROM", StringComparison.Ordinal)].Split(',', StringSplitOptions.TrimEntries);

    private static void Add(RowPage page, params object?[] cells)
    {
        foreach (var cell in cells)
        {
            switch (cell)
            {
                case null:
                    page.AddNull();
                    break;
                case long number:
                    page.AddInteger(number);
                    break;
                case decimal number:
                    page.AddNumber(number);
                    break;
                case DateTime time:
                    page.AddLocalTime(time);
                    break;
                default:
                    page.AddText((string)cell);
                    break;
            }
        }

        page.EndRow();
    }
}

using System.Buffers;
using System.Text;
using CsCheck;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

public sealed class RawRowTests
{
    private static readonly Gen<object?> Cells = Gen.OneOf(
        Gen.Const((object?)null),
        Gen.String.Select(s => (object?)s),
        Gen.OneOf<object?>("", " ", "\uD800", "a\uDC00b", "😀", "{\"$time\":\"x\"}", "\u0000\u001F", "Nguyễn", "\"\\/", "\u2028"),
        Gen.Long.Select(n => (object?)n),
        Gen.Decimal.Select(n => (object?)n),
        Gen.Bool.Select(b => (object?)b),
        Gen.DateTime.Select(d => (object?)DateTime.SpecifyKind(d, DateTimeKind.Unspecified)),
        Gen.DateTime.Select(d => (object?)DateTime.SpecifyKind(d, DateTimeKind.Utc)),
        Gen.DateTime.Select(d => (object?)DateOnly.FromDateTime(d)),
        Gen.Const((object?)new Unreadable("year 10000")));

    [Fact]
    public void What_was_written_reads_back_as_it_was()
    {
        Gen.Select(Cells.Array[1, 6], Cells.Array[3].Array[0, 4], Cells.Array[1].Array[0, 2]).Sample((cells, fees, notes) =>
        {
            var page = MapRig.Page([.. cells.Select((c, i) => ($"c{i}", c))])
                .WithChildren("fees", ["name", "amount", "moment"], fees)
                .WithChildren("c0", ["x"], notes);
            var json = Write(page);
            var read = RawRow.Read(json);
            AssertSame(page, read);
            Assert.Equal(json, Write(read));
        }, iter: 3_000);
    }

    [Fact]
    public void Plain_values_stay_plain()
    {
        var page = MapRig.Page(("dossier_no", "H22-1"), ("copies", 2), ("paid", true), ("note", null), ("received_at", new DateTime(2025, 7, 2, 8, 0, 0)))
            .WithChildren("fees", ["amount"], [12.50m])
            .WithChildren("attachments", ["url"]);

        Assert.Equal(
            """{"dossier_no":"H22-1","copies":2,"paid":true,"note":null,"received_at":{"$time":"2025-07-02T08:00:00.0000000"},"attachments":{"$none":["url"]},"fees":[{"amount":{"$number":"12.50"}}]}""",
            Encoding.UTF8.GetString(Write(page)));
    }

    [Fact]
    public void A_row_written_by_hand_is_read()
    {
        var page = RawRow.Read("""
            {
              "dossier_no": "H22-1", "copies": 2, "ratio": 1.5, // a remark
              "fees": [ { "name": "Lệ phí", "amount": 0 }, { "name": "Phí", "moment": "1" } ],
              "attachments": []
            }
            """u8.ToArray());

        Assert.Equal(["dossier_no", "copies", "ratio"], page.Shape.Columns);
        Assert.Equal([CellKind.Text, CellKind.Integer, CellKind.Number], Enumerable.Range(0, 3).Select(i => page[0, i].Kind));
        Assert.Equal(["name", "amount", "moment"], page.Children["fees"].Rows.Shape.Columns);
        Assert.Equal(0..2, page.Children["fees"].Of(0));
        Assert.True(page.Children["fees"].Rows[1, 1].IsNull);
        Assert.Equal(0..0, page.Children["attachments"].Of(0));
    }

    [Fact]
    public void A_row_is_laid_out_for_the_columns_that_are_asked_for()
    {
        var page = RawRow.Read(
            """{"b":"x","extra":1}"""u8.ToArray(), new RowShape(["a", "b"]), new Dictionary<string, RowShape> { ["fees"] = new(["amount"]) });

        Assert.True(page[0, 0].IsNull);
        Assert.Equal("x", page.Text(page[0, 1]));
        Assert.Equal(0..0, page.Children["fees"].Of(0));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":[],\"a\":[]}")]
    [InlineData("{\"a\":[1]}")]
    [InlineData("{\"a\":[{\"b\":[]}]}")]
    [InlineData("{\"a\":{\"b\":1}}")]
    [InlineData("{\"a\":{\"$date\":\"2025-02-30\"}}")]
    [InlineData("{\"a\":{\"$time\":\"2025-02-03T00:00:00Z\"}}")]
    [InlineData("{\"a\":{\"$utf16\":\"00\"}}")]
    [InlineData("{\"a\":\"\\uD800\"}")]
    [InlineData("{\"a\":")]
    [InlineData("")]
    public void What_is_no_row_is_refused(string json)
    {
        Assert.Throws<FormatException>(() => RawRow.Read(Encoding.UTF8.GetBytes(json)));
    }

    private static byte[] Write(RowPage page)
    {
        var output = new ArrayBufferWriter<byte>();
        RawRow.Write(page, 0, output);
        return output.WrittenSpan.ToArray();
    }

    private static void AssertSame(RowPage expected, RowPage actual)
    {
        Assert.Equal(expected.Shape.Columns, actual.Shape.Columns);
        Assert.Equal(expected.Count, actual.Count);
        for (var row = 0; row < expected.Count; row++)
        {
            for (var column = 0; column < expected.Shape.Count; column++)
            {
                var (a, b) = (expected[row, column], actual[row, column]);
                Assert.Equal(a.Kind, b.Kind);
                var isText = a.Kind is CellKind.Text or CellKind.Number or CellKind.Unreadable;
                Assert.Equal(isText ? expected.Text(a).ToString() : $"{a.Bits}", isText ? actual.Text(b).ToString() : $"{b.Bits}");
            }
        }

        Assert.Equal(expected.Children.Keys.Order(), actual.Children.Keys.Order());
        foreach (var (name, children) in expected.Children)
        {
            Assert.Equal(children.Of(0), actual.Children[name].Of(0));
            AssertSame(children.Rows, actual.Children[name].Rows);
        }
    }
}

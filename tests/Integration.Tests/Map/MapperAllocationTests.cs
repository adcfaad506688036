using System.Buffers;
using System.Text;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

public sealed class MapperAllocationTests
{
    [Fact]
    public void A_dossier_with_two_lists_is_mapped_in_less_than_200_bytes_of_garbage()
    {
        const int rows = 2_000;
        var page = Dossiers(200);
        var mapper = MapRig.Compile(Fields(), page, Lookups());
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var rejections = new List<Rejection>();
        Map(mapper, page, 400, output, rejections);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Map(mapper, page, rows, output, rejections);
        var perRow = (GC.GetAllocatedBytesForCurrentThread() - before) / rows;

        Assert.Empty(rejections);
        Assert.InRange(perRow, 0, 200);
    }

    private static void Map(Mapper mapper, RowPage page, int rows, ArrayBufferWriter<byte> output, List<Rejection> rejections)
    {
        for (var i = 0; i < rows; i++)
        {
            output.ResetWrittenCount();
            mapper.Map(page, i % page.Count, output, rejections);
        }
    }

    private static LookupSet Lookups() => MapRig.Set(
        MapRig.Lookup("procedures", "from,to,name,valid_from,valid_to\nP1,1.000001.H22,Cấp mới,,2025-06-30\nP1,1.000001.H60,Cấp mới,2025-07-01,\n"),
        MapRig.Lookup("status", "from,to\nnew,1\ndone,10\n"));

    private static IReadOnlyList<FieldMap> Fields() =>
    [
        MapRig.From("MaHoSo", "no") with { Required = true, Max = 50 },
        MapRig.From("MaTTHC", "procedure") with { Lookup = new LookupUse("procedures", "to", "received") },
        MapRig.From("TenTTHC", "procedure") with { Lookup = new LookupUse("procedures", "name", "received") },
        MapRig.From("TrangThaiHoSo", "status") with { Lookup = new LookupUse("status", "to", null) },
        MapRig.From("ChuHoSo", "owner"),
        MapRig.From("NguoiNop", "nfd"),
        MapRig.From("NgayTiepNhan", "received") with { Format = "yyyyMMddHHmmss" },
        MapRig.From("NgayHenTra", "due") with { Format = "yyyyMMdd" },
        MapRig.From("NgayTra", "returned") with { Format = "yyyyMMddHHmmss" },
        MapRig.From("NgayNop", "iso") with { Format = "yyyyMMddHHmmss" },
        MapRig.From("DiaChi", "street", "ward") with { Join = ", " },
        MapRig.From("GhiChu", "note") with { Max = 20, Cut = true },
        MapRig.From("SoLuong", "copies"),
        MapRig.From("TienThu", "paid") with { When = new Condition("status", true, ["new"]) },
        new FixedField("NoiNopHoSo", MapRig.At, "2"),
        new ListField("DanhSachLePhi", MapRig.At, "fees", [MapRig.From("Ten", "name"), MapRig.From("Gia", "amount")], false),
        new ListField("TaiLieuNop", MapRig.At, "files", [MapRig.From("Ten", "name"), MapRig.From("Url", "url")], false),
    ];

    private static RowPage Dossiers(int count)
    {
        var page = new RowPage(new RowShape(
            ["no", "procedure", "status", "owner", "nfd", "received", "due", "returned", "iso", "street", "ward", "note", "copies", "paid"]));
        var fees = new RowPage(new RowShape(["name", "amount"]));
        var files = new RowPage(new RowShape(["name", "url"]));
        for (var i = 0; i < count; i++)
        {
            MapRig.AddRow(page,
            [
                $"H22.03-250702-{i:0000}", "P1", i % 2 == 0 ? "new" : "done", "Đặng Thị Hồng Nhung", "Nguyễn Văn Ứng".Normalize(NormalizationForm.FormD),
                new DateTime(2025, 7, 2, 8, 0, 0), new DateOnly(2025, 7, 20), new DateTime(2025, 7, 3, 1, 0, 0, DateTimeKind.Utc), "2025-07-01 17:30:00",
                "Số 12 đường 17/8", "Minh Xuân", "Hồ sơ đã được bổ sung\r\nlần hai theo yêu cầu", 2, 30000.50m,
            ]);
            MapRig.AddRow(fees, ["Lệ phí cấp giấy", 30000]);
            MapRig.AddRow(fees, ["Phí thẩm định", 120000.00m]);
            MapRig.AddRow(files, ["Đơn đề nghị.pdf", "https://files.example/a.pdf"]);
        }

        int[] Starts(int each) => [.. Enumerable.Range(0, count + 1).Select(i => i * each)];
        page.AddChildren("fees", new ChildRows(fees, Starts(2)));
        page.AddChildren("files", new ChildRows(files, Starts(1)));
        return page;
    }
}

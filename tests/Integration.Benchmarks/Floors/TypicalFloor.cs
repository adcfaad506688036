using System.Globalization;
using System.Text;
using Newtonsoft.Json.Linq;
using Npgsql;

namespace Integration.Benchmarks.Floors;

/// <summary>
/// T: how such workers are usually written. A query for the children of each record, a JSON tree, a request per record, the reply parsed,
/// a status row updated per record.
/// </summary>
internal static class TypicalFloor
{
    public static async Task<int> RunAsync(string source, Uri receiver, int most)
    {
        await using var data = NpgsqlDataSource.Create(source);
        await Source.ExecuteAsync(data, "DROP TABLE IF EXISTS typical_status; CREATE TABLE typical_status (dossier_no text PRIMARY KEY, status text, sent_at timestamptz)", CancellationToken.None);
        using var client = new HttpClient { BaseAddress = receiver };
        await using var dossiers = data.CreateCommand($"{Source.Dossiers} ORDER BY updated_at, dossier_no LIMIT {most}");
        await using var rows = await dossiers.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var number = rows.GetString(0);
            var record = new JObject
            {
                ["MaHoSo"] = number,
                ["MaTTHC"] = Of(Lookups.Procedures, rows, 1),
                ["TenTTHC"] = Of(Lookups.ProcedureNames, rows, 1),
                ["MaLinhVuc"] = Of(Lookups.Fields, rows, 1),
                ["TenLinhVuc"] = Of(Lookups.FieldNames, rows, 1),
                ["KenhThucHien"] = Of(Lookups.Channels, rows, 3),
                ["ChuHoSo"] = rows.GetString(5),
                ["SoGiayToChuHoSo"] = rows.GetString(6),
                ["LoaiDoiTuong"] = Of(Lookups.OwnerKinds, rows, 4),
                ["Email"] = rows.GetString(9),
                ["SoDienThoai"] = rows.GetString(8),
                ["TrichYeuHoSo"] = rows.GetString(10),
                ["NgayTiepNhan"] = Time(rows, 14),
                ["NgayHenTra"] = Time(rows, 15),
                ["TrangThaiHoSo"] = Of(Lookups.Statuses, rows, 12),
                ["NgayTra"] = Time(rows, 17),
                ["HinhThuc"] = Of(Lookups.ReturnMethods, rows, 19),
                ["NgayKetThucXuLy"] = Time(rows, 16),
                ["DonViXuLy"] = Of(Lookups.Agencies, rows, 2),
                ["GhiChu"] = rows.GetString(11),
                ["NoiNopHoSo"] = Of(Lookups.SubmitPlaces, rows, 20),
                ["HoSoCoThanhPhanSoHoa"] = $"{rows.GetInt32(21)}",
                ["TaiKhoanDuocXacThucVoiVNeID"] = $"{rows.GetInt32(22)}",
                ["DuocThanhToanTrucTuyen"] = Of(Lookups.PaidOnline, rows, 23),
                ["NgayTuChoi"] = Time(rows, 18),
                ["NgayNopHoSo"] = Time(rows, 13),
                ["TaiLieuNop"] = await ChildrenAsync(data, Source.Attachments, number, static r => new JObject
                {
                    ["TepDinhKemId"] = r.GetString(2), ["TenTepDinhKem"] = r.GetString(3), ["IsDeleted"] = "False", ["MaThanhPhanHoSo"] = r.GetString(4),
                    ["DuongDanTaiTepTin"] = r.GetString(5), ["DuocSoHoa"] = $"{r.GetInt32(6)}", ["DuocTaiSuDung"] = r.GetString(7), ["DuocLayTuKhoDMQG"] = $"{r.GetInt32(8)}",
                }),
                ["DanhSachLePhi"] = await ChildrenAsync(data, Source.Fees, number, static r => new JObject
                {
                    ["TenPhiLePhi"] = r.GetString(2), ["MaPhiLePhi"] = r.GetString(3), ["HinhThucThu"] = Of(Lookups.FeeMoments, r, 4),
                    ["Gia"] = r.GetDecimal(5).ToString(CultureInfo.InvariantCulture), ["LoaiPhiLePhi"] = Of(Lookups.FeeKinds, r, 6),
                }),
            };
            await SendAsync(data, client, number, record);
        }

        return 0;
    }

    private static async Task SendAsync(NpgsqlDataSource data, HttpClient client, string number, JObject record)
    {
        var envelope = new JObject { ["session"] = "bench", ["madonvi"] = "000.00.00.H60", ["service"] = "DongBoHoSoMC", ["isUpdating"] = "False", ["data"] = new JArray(record) };
        using var content = new StringContent(envelope.ToString(), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("mapi/g", UriKind.Relative), content);
        var reply = JObject.Parse(await response.Content.ReadAsStringAsync());
        await using var status = data.CreateCommand("INSERT INTO typical_status VALUES ($1, $2, now()) ON CONFLICT (dossier_no) DO UPDATE SET status = $2, sent_at = now()");
        status.Parameters.Add(new NpgsqlParameter { Value = number });
        status.Parameters.Add(new NpgsqlParameter { Value = (string?)reply["error_code"] ?? "" });
        await status.ExecuteNonQueryAsync();
    }

    private static async Task<JArray> ChildrenAsync(NpgsqlDataSource data, string query, string number, Func<NpgsqlDataReader, JObject> map)
    {
        await using var command = data.CreateCommand($"{query} WHERE dossier_no = $1 ORDER BY seq");
        command.Parameters.Add(new NpgsqlParameter { Value = number });
        await using var rows = await command.ExecuteReaderAsync();
        var children = new JArray();
        while (await rows.ReadAsync())
        {
            children.Add(map(rows));
        }

        return children;
    }

    private static string Of(Lookups table, NpgsqlDataReader row, int column) => table.Of(Encoding.UTF8.GetBytes(row.GetString(column))).Value;

    private static string Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? "" : row.GetDateTime(column).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
}

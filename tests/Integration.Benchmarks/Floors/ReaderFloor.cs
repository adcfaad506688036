using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Integration.Benchmarks.Floors;

/// <summary>F_reader: the same work with data readers and their typed getters; nothing stored.</summary>
internal static class ReaderFloor
{
    public static async Task<int> RunAsync(string source, Uri receiver)
    {
        await using var data = NpgsqlDataSource.Create(source);
        await using var dossiers = await OpenAsync(data, $"{Source.Dossiers} ORDER BY updated_at, dossier_no");
        await using var fees = await OpenAsync(data, $"{Source.Fees} ORDER BY dossier_no, seq");
        await using var attachments = await OpenAsync(data, $"{Source.Attachments} ORDER BY dossier_no, seq");
        using var poster = new Poster(receiver);
        var batch = BatchWriter.Begin();
        var (hasFee, hasAttachment, rows) = (await fees.ReadAsync(), await attachments.ReadAsync(), 0L);
        while (await dossiers.ReadAsync())
        {
            var number = dossiers.GetString(0);
            Record.WriteDossier(batch.Json, dossiers);
            batch.Json.WriteStartArray("TaiLieuNop"u8);
            for (; hasAttachment && attachments.GetString(0) == number; hasAttachment = await attachments.ReadAsync())
            {
                Record.WriteAttachment(batch.Json, attachments);
            }

            batch.Json.WriteEndArray();
            batch.Json.WriteStartArray("DanhSachLePhi"u8);
            for (; hasFee && fees.GetString(0) == number; hasFee = await fees.ReadAsync())
            {
                Record.WriteFee(batch.Json, fees);
            }

            batch.Json.WriteEndArray();
            batch.Json.WriteEndObject();
            rows++;
            if (++batch.Records == Poster.Batch)
            {
                await poster.PostAsync(batch);
                batch = BatchWriter.Begin();
            }
        }

        if (batch.Records > 0)
        {
            await poster.PostAsync(batch);
        }

        await poster.EndAsync();
        return poster.Accepted == rows ? 0 : 1;
    }

    private static async Task<NpgsqlDataReader> OpenAsync(NpgsqlDataSource data, string query)
    {
        var connection = await data.OpenConnectionAsync();
        return await new NpgsqlCommand(query, connection).ExecuteReaderAsync(System.Data.CommandBehavior.CloseConnection);
    }

    /// <summary>One record from typed columns.</summary>
    private static class Record
    {
        public static void WriteDossier(Utf8JsonWriter json, NpgsqlDataReader row)
        {
            json.WriteStartObject();
            Write(json, "MaHoSo"u8, row, 0);
            Write(json, "MaTTHC"u8, row, 1, Lookups.Procedures);
            Write(json, "TenTTHC"u8, row, 1, Lookups.ProcedureNames);
            Write(json, "MaLinhVuc"u8, row, 1, Lookups.Fields);
            Write(json, "TenLinhVuc"u8, row, 1, Lookups.FieldNames);
            Write(json, "KenhThucHien"u8, row, 3, Lookups.Channels);
            Write(json, "ChuHoSo"u8, row, 5);
            Write(json, "SoGiayToChuHoSo"u8, row, 6);
            Write(json, "LoaiDoiTuong"u8, row, 4, Lookups.OwnerKinds);
            Write(json, "Email"u8, row, 9);
            Write(json, "SoDienThoai"u8, row, 8);
            Write(json, "TrichYeuHoSo"u8, row, 10);
            WriteTime(json, "NgayTiepNhan"u8, row, 14);
            WriteTime(json, "NgayHenTra"u8, row, 15);
            Write(json, "TrangThaiHoSo"u8, row, 12, Lookups.Statuses);
            WriteTime(json, "NgayTra"u8, row, 17);
            Write(json, "HinhThuc"u8, row, 19, Lookups.ReturnMethods);
            WriteTime(json, "NgayKetThucXuLy"u8, row, 16);
            Write(json, "DonViXuLy"u8, row, 2, Lookups.Agencies);
            Write(json, "GhiChu"u8, row, 11);
            Write(json, "NoiNopHoSo"u8, row, 20, Lookups.SubmitPlaces);
            WriteInteger(json, "HoSoCoThanhPhanSoHoa"u8, row, 21);
            WriteInteger(json, "TaiKhoanDuocXacThucVoiVNeID"u8, row, 22);
            Write(json, "DuocThanhToanTrucTuyen"u8, row, 23, Lookups.PaidOnline);
            WriteTime(json, "NgayTuChoi"u8, row, 18);
            WriteTime(json, "NgayNopHoSo"u8, row, 13);
        }

        public static void WriteAttachment(Utf8JsonWriter json, NpgsqlDataReader row)
        {
            json.WriteStartObject();
            Write(json, "TepDinhKemId"u8, row, 2);
            Write(json, "TenTepDinhKem"u8, row, 3);
            json.WriteString("IsDeleted"u8, "False"u8);
            Write(json, "MaThanhPhanHoSo"u8, row, 4);
            Write(json, "DuongDanTaiTepTin"u8, row, 5);
            WriteInteger(json, "DuocSoHoa"u8, row, 6);
            Write(json, "DuocTaiSuDung"u8, row, 7);
            WriteInteger(json, "DuocLayTuKhoDMQG"u8, row, 8);
            json.WriteEndObject();
        }

        public static void WriteFee(Utf8JsonWriter json, NpgsqlDataReader row)
        {
            json.WriteStartObject();
            Write(json, "TenPhiLePhi"u8, row, 2);
            Write(json, "MaPhiLePhi"u8, row, 3);
            Write(json, "HinhThucThu"u8, row, 4, Lookups.FeeMoments);
            json.WriteString("Gia"u8, row.GetDecimal(5).ToString(CultureInfo.InvariantCulture));
            Write(json, "LoaiPhiLePhi"u8, row, 6, Lookups.FeeKinds);
            json.WriteEndObject();
        }

        private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, NpgsqlDataReader row, int column) => json.WriteString(name, row.GetString(column));

        private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, NpgsqlDataReader row, int column, Lookups table)
        {
            var code = row.GetString(column);
            Span<byte> bytes = stackalloc byte[128];
            json.WriteString(name, table.Of(bytes[..Encoding.UTF8.GetBytes(code, bytes)]));
        }

        private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, NpgsqlDataReader row, int column)
        {
            Span<byte> text = stackalloc byte[14];
            if (row.IsDBNull(column))
            {
                json.WriteString(name, ""u8);
                return;
            }

            row.GetDateTime(column).TryFormat(text, out _, "yyyyMMddHHmmss", CultureInfo.InvariantCulture);
            json.WriteString(name, text);
        }

        private static void WriteInteger(Utf8JsonWriter json, ReadOnlySpan<byte> name, NpgsqlDataReader row, int column)
        {
            Span<byte> text = stackalloc byte[11];
            row.GetInt32(column).TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
            json.WriteString(name, text[..length]);
        }
    }
}

using System.Buffers.Binary;
using System.Text.Json;
using Npgsql;

namespace Integration.Benchmarks.Floors;

/// <summary>F_raw: three binary COPY streams joined by key, mapped by hand from bytes to bytes, posted. What no tool that stores anything can reach.</summary>
internal static class RawFloor
{
    public static async Task<int> RunAsync(string source, Uri receiver)
    {
        await using var data = NpgsqlDataSource.Create(source);
        await using var dossiers = await CopyRows.OpenAsync(data, $"{Source.Dossiers} ORDER BY updated_at, dossier_no");
        await using var fees = await CopyRows.OpenAsync(data, $"{Source.Fees} ORDER BY dossier_no, seq");
        await using var attachments = await CopyRows.OpenAsync(data, $"{Source.Attachments} ORDER BY dossier_no, seq");
        using var poster = new Poster(receiver);
        var batch = BatchWriter.Begin();
        var (hasFee, hasAttachment, rows) = (await fees.NextAsync(), await attachments.NextAsync(), 0L);
        while (await dossiers.NextAsync())
        {
            WriteDossier(batch.Json, dossiers);
            batch.Json.WriteStartArray("TaiLieuNop"u8);
            for (; hasAttachment && attachments.Text(0).SequenceEqual(dossiers.Text(0)); hasAttachment = await attachments.NextAsync())
            {
                WriteAttachment(batch.Json, attachments);
            }

            batch.Json.WriteEndArray();
            batch.Json.WriteStartArray("DanhSachLePhi"u8);
            for (; hasFee && fees.Text(0).SequenceEqual(dossiers.Text(0)); hasFee = await fees.NextAsync())
            {
                WriteFee(batch.Json, fees);
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

    private static void WriteDossier(Utf8JsonWriter json, CopyRows row)
    {
        json.WriteStartObject();
        json.WriteString("MaHoSo"u8, row.Text(0));
        json.WriteString("MaTTHC"u8, Lookups.Procedures.Of(row.Text(1)));
        json.WriteString("TenTTHC"u8, Lookups.ProcedureNames.Of(row.Text(1)));
        json.WriteString("MaLinhVuc"u8, Lookups.Fields.Of(row.Text(1)));
        json.WriteString("TenLinhVuc"u8, Lookups.FieldNames.Of(row.Text(1)));
        json.WriteString("KenhThucHien"u8, Lookups.Channels.Of(row.Text(3)));
        json.WriteString("ChuHoSo"u8, row.Text(5));
        json.WriteString("SoGiayToChuHoSo"u8, row.Text(6));
        json.WriteString("LoaiDoiTuong"u8, Lookups.OwnerKinds.Of(row.Text(4)));
        json.WriteString("Email"u8, row.Text(9));
        json.WriteString("SoDienThoai"u8, row.Text(8));
        json.WriteString("TrichYeuHoSo"u8, row.Text(10));
        WriteTime(json, "NgayTiepNhan"u8, row, 14);
        WriteTime(json, "NgayHenTra"u8, row, 15);
        json.WriteString("TrangThaiHoSo"u8, Lookups.Statuses.Of(row.Text(12)));
        WriteTime(json, "NgayTra"u8, row, 17);
        json.WriteString("HinhThuc"u8, Lookups.ReturnMethods.Of(row.Text(19)));
        WriteTime(json, "NgayKetThucXuLy"u8, row, 16);
        json.WriteString("DonViXuLy"u8, Lookups.Agencies.Of(row.Text(2)));
        json.WriteString("GhiChu"u8, row.Text(11));
        json.WriteString("NoiNopHoSo"u8, Lookups.SubmitPlaces.Of(row.Text(20)));
        WriteInteger(json, "HoSoCoThanhPhanSoHoa"u8, row, 21);
        WriteInteger(json, "TaiKhoanDuocXacThucVoiVNeID"u8, row, 22);
        json.WriteString("DuocThanhToanTrucTuyen"u8, Lookups.PaidOnline.Of(row.Text(23)));
        WriteTime(json, "NgayTuChoi"u8, row, 18);
        WriteTime(json, "NgayNopHoSo"u8, row, 13);
    }

    private static void WriteAttachment(Utf8JsonWriter json, CopyRows row)
    {
        json.WriteStartObject();
        json.WriteString("TepDinhKemId"u8, row.Text(2));
        json.WriteString("TenTepDinhKem"u8, row.Text(3));
        json.WriteString("IsDeleted"u8, "False"u8);
        json.WriteString("MaThanhPhanHoSo"u8, row.Text(4));
        json.WriteString("DuongDanTaiTepTin"u8, row.Text(5));
        WriteInteger(json, "DuocSoHoa"u8, row, 6);
        json.WriteString("DuocTaiSuDung"u8, row.Text(7));
        WriteInteger(json, "DuocLayTuKhoDMQG"u8, row, 8);
        json.WriteEndObject();
    }

    private static void WriteFee(Utf8JsonWriter json, CopyRows row)
    {
        json.WriteStartObject();
        json.WriteString("TenPhiLePhi"u8, row.Text(2));
        json.WriteString("MaPhiLePhi"u8, row.Text(3));
        json.WriteString("HinhThucThu"u8, Lookups.FeeMoments.Of(row.Text(4)));
        Span<byte> amount = stackalloc byte[40];
        json.WriteString("Gia"u8, amount[..WriteNumeric(row.Text(5), amount)]);
        json.WriteString("LoaiPhiLePhi"u8, Lookups.FeeKinds.Of(row.Text(6)));
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, CopyRows row, int column)
    {
        if (row.IsNull(column))
        {
            json.WriteString(name, ""u8);
            return;
        }

        var time = new DateTime(2000, 1, 1).AddTicks(BinaryPrimitives.ReadInt64BigEndian(row.Text(column)) * 10);
        Span<byte> text = stackalloc byte[14];
        time.TryFormat(text, out _, "yyyyMMddHHmmss", System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString(name, text);
    }

    private static void WriteInteger(Utf8JsonWriter json, ReadOnlySpan<byte> name, CopyRows row, int column)
    {
        Span<byte> text = stackalloc byte[11];
        BinaryPrimitives.ReadInt32BigEndian(row.Text(column)).TryFormat(text, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString(name, text[..length]);
    }

    /// <summary>PostgreSQL's numeric of whole amounts: digits to the base of 10,000.</summary>
    private static int WriteNumeric(ReadOnlySpan<byte> numeric, Span<byte> text)
    {
        var (digits, weight, value) = (BinaryPrimitives.ReadInt16BigEndian(numeric), BinaryPrimitives.ReadInt16BigEndian(numeric[2..]), 0L);
        for (var i = 0; i <= weight; i++)
        {
            value = value * 10_000 + (i < digits ? BinaryPrimitives.ReadInt16BigEndian(numeric[(8 + 2 * i)..]) : 0);
        }

        value.TryFormat(text, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        return length;
    }
}

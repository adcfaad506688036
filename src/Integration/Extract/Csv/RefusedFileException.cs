using Integration.Records;

namespace Integration.Extract.Csv;

/// <summary>A file is refused as a whole; nothing of it was handed out. The texts hold no value of the file.</summary>
internal sealed class RefusedFileException(Text why) : Exception(why.En)
{
    public Text Why { get; } = why;

    public static RefusedFileException BadBytes(long at) => new(new Text(
        $"Byte thứ {at} không hợp lệ trong bảng mã đã khai; nghi sai bảng mã (TCVN3, VNI, windows-1258?).",
        $"Byte {at} is invalid in the declared encoding; the encoding is probably another one (TCVN3, VNI, windows-1258?)."));

    public static RefusedFileException OtherEncoding(string found, string declared) => new(new Text(
        $"Tệp ở bảng mã {found} nhưng cấu hình khai {declared}.", $"The file is in {found}, the pipeline declares {declared}."));

    public static RefusedFileException LooksLikeTcvn3() => new(new Text(
        "Nội dung giống chữ TCVN3 (ABC) đọc nhầm bảng mã. Xuất lại tệp ở UTF-8.", "The text looks like TCVN3 (ABC) read in another encoding. Export the file in UTF-8."));

    public static RefusedFileException EndlessLine() => new(new Text(
        $"Có dòng hoặc ô dài hơn {StrictText.LongestLine} ký tự (nghi dấu nháy không đóng).", $"A line or cell is longer than {StrictText.LongestLine} characters (probably a quote that is never closed)."));

    public static RefusedFileException OpenQuote(long line) => new(new Text(
        $"Dấu nháy mở từ dòng {line} không bao giờ đóng.", $"The quote opened at line {line} is never closed."));

    public static RefusedFileException NoHeader() => new(new Text("Tệp rỗng, không có dòng tiêu đề.", "The file is empty, without a header."));

    public static RefusedFileException TooManyColumns(int columns) => new(new Text($"Tiêu đề có {columns} cột.", $"The header has {columns} columns."));

    public static RefusedFileException BlankColumn(int place) => new(new Text($"Cột thứ {place} của tiêu đề không có tên.", $"Column {place} of the header has no name."));

    public static RefusedFileException ColumnTwice(int first, int second) => new(new Text(
        $"Hai cột trùng tên trong dòng tiêu đề: cột {first} và cột {second}.", $"Two columns of the header share a name: columns {first} and {second}."));

    public static RefusedFileException ColumnsMissing(IEnumerable<string> columns) => new(new Text(
        $"Tiêu đề thiếu cột: {string.Join(", ", columns)}.", $"The header lacks: {string.Join(", ", columns)}."));

    public static RefusedFileException OtherDelimiter(string declared) => new(new Text(
        $"Tiêu đề chỉ có một cột: dấu ngăn cách không phải '{declared}'.", $"The header has one column: the delimiter is not '{declared}'."));

    public static RefusedFileException CutOff() => new(new Text(
        "Dòng cuối không kết thúc bằng xuống dòng: nghi tệp chưa ghi xong.", "The last line has no line break: the file was probably not written to its end."));

    public static RefusedFileException NoTrailer() => new(new Text("Thiếu dòng tổng ở cuối: nghi tệp chưa ghi xong.", "The closing line with the number of records is missing: the file was probably not written to its end."));

    public static RefusedFileException OtherCount(string said, long found) => new(new Text($"Dòng tổng ghi {said} nhưng tệp có {found} bản ghi.", $"The closing line says {said}, the file has {found} records."));

    public static RefusedFileException MostlyBad(long bad, long rows, string first) => new(new Text(
        $"{bad} trong {rows} dòng không đọc được; dòng hỏng đầu tiên: {first}.", $"{bad} of {rows} rows cannot be read; the first one: {first}."));

    public static RefusedFileException TooManyRows(long most) => new(new Text($"Tệp có hơn {most} bản ghi; hãy chia nhỏ.", $"The file has more than {most} records; split it."));

    public static RefusedFileException TooManyRepeats(int most) => new(new Text(
        $"Hơn {most} khóa xuất hiện nhiều lần: cột khóa đã khai có lẽ không phải là khóa.", $"More than {most} keys stand more than once: the declared key columns are probably not a key."));
}

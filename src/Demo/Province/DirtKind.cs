using Integration.Records;

namespace Demo.Province;

/// <summary>A kind of dirt that real systems hold, and what must become of it.</summary>
/// <param name="Rule">Code of the rule it must be refused for; null: it must be repaired and acknowledged.</param>
internal sealed record DirtKind(string Name, string? Rule, Text What)
{
    public static readonly DirtKind UnmappedProcedure = new("unmapped-procedure", Rules.LookupMissing.Code,
        new("Thủ tục chưa có trong bảng mã quốc gia", "Procedure without a row in the lookup"));

    public static readonly DirtKind UnknownStatus = new("unknown-status", Rules.LookupMissing.Code,
        new("Trạng thái lạ", "Status without a row in the lookup"));

    public static readonly DirtKind MissingField = new("missing-field", Rules.Required.Code,
        new("Thiếu trường bắt buộc", "Required field is missing"));

    public static readonly DirtKind TooLong = new("too-long", Rules.TooLong.Code,
        new("Văn bản dài quá giới hạn", "Text longer than allowed"));

    public static readonly DirtKind ControlCharacter = new("control-character", Rules.ControlCharacter.Code,
        new("Ký tự điều khiển trong văn bản", "Control character in a text"));

    public static readonly DirtKind FeeInWords = new("fee-in-words", Rules.BadFormat.Code,
        new("Lệ phí ghi bằng chữ", "Fee written in words"));

    public static readonly DirtKind FormerDistrict = new("former-district", Rules.LookupNotValidThen.Code,
        new("Hồ sơ nhận sau 01/07/2025 mang mã huyện đã giải thể", "Dossier received after 2025-07-01 under a district that had ended"));

    public static readonly DirtKind Decomposed = new("decomposed-text", null,
        new("Văn bản Unicode tổ hợp (NFD): được chuẩn hóa, vẫn gửi", "Decomposed Unicode (NFD): normalised and sent"));

    public static IReadOnlyList<DirtKind> All { get; } =
        [UnmappedProcedure, UnknownStatus, MissingField, TooLong, ControlCharacter, FeeInWords, FormerDistrict, Decomposed];

    public bool IsRefused => Rule is not null;
}

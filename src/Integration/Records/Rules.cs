namespace Integration.Records;

/// <summary>A reason for refusal: its code, what happened, and what to do. {0} target field, {1} source field, {2} masked value, {3} detail.</summary>
internal sealed record Rule(string Code, Text What, Text Advice);

/// <summary>Every reason for which a record can be refused. The list is what operators may meet in the failure log.</summary>
internal static class Rules
{
    public static readonly Rule Required = new("required",
        new("Thiếu giá trị bắt buộc cho {0} (nguồn: {1}).", "{0} is required and has no value (source: {1})."),
        new("Bổ sung dữ liệu ở hệ thống nguồn; lượt đồng bộ sau sẽ tự lấy lại.", "Fill it in at the source system; the next sync picks it up."));

    public static readonly Rule TooLong = new("too-long",
        new("{0} dài quá giới hạn: {3}.", "{0} is longer than allowed: {3}."),
        new("Rút gọn ở hệ thống nguồn (không tự cắt bớt nội dung).", "Shorten it at the source system (text is never cut silently)."));

    public static readonly Rule TooShort = new("too-short",
        new("{0} ngắn hơn quy định: {3}.", "{0} is shorter than required: {3}."),
        new("Sửa giá trị ở hệ thống nguồn.", "Correct the value at the source system."));

    public static readonly Rule LookupMissing = new("lookup-missing",
        new("Mã {2} của {1} chưa có trong bảng mã {3}.", "Code {2} of {1} has no row in lookup {3}."),
        new("Thêm dòng vào bảng mã rồi gửi lại; không dùng mã mặc định.", "Add a row to the lookup and replay; no default is used."));

    public static readonly Rule LookupNotValidThen = new("lookup-not-valid-then",
        new("Mã {2} của {1} có trong bảng mã nhưng không còn hoặc chưa có hiệu lực vào ngày của hồ sơ: {3}.",
            "Code {2} of {1} is in the lookup but not valid on the record's own date: {3}."),
        new("Kiểm tra ngày hiệu lực (valid_from, valid_to) trong bảng mã hoặc ngày của bản ghi.", "Check valid_from and valid_to in the lookup, or the record's date."));

    public static readonly Rule BadFormat = new("bad-format",
        new("{0} không đúng định dạng: {3}.", "{0} has the wrong form: {3}."),
        new("Sửa giá trị ở hệ thống nguồn.", "Correct the value at the source system."));

    public static readonly Rule NotAllowed = new("not-allowed",
        new("{0} mang giá trị ngoài danh mục: {2}.", "{0} holds a value outside the code list: {2}."),
        new("Sửa bảng mã hoặc giá trị nguồn; giá trị cho phép: {3}.", "Correct the lookup or the source value; allowed: {3}."));

    public static readonly Rule WrongType = new("wrong-type",
        new("{0} không đúng kiểu dữ liệu: {3}.", "{0} has the wrong type: {3}."),
        new("Sửa ánh xạ hoặc giá trị nguồn.", "Correct the mapping or the source value."));

    public static readonly Rule UnknownField = new("unknown-field",
        new("{0} không có trong lược đồ quốc gia.", "{0} is not part of the national schema."),
        new("Sửa tệp ánh xạ.", "Correct the mapping file."));

    public static readonly Rule Unreadable = new("unreadable",
        new("Không đọc được {1} từ nguồn: {3}.", "{1} cannot be read from the source: {3}."),
        new("Sửa giá trị ở hệ thống nguồn.", "Correct the value at the source system."));

    public static readonly Rule ControlCharacter = new("control-character",
        new("{0} chứa ký tự điều khiển: {3}.", "{0} contains a control character: {3}."),
        new("Xóa ký tự đó ở hệ thống nguồn.", "Remove it at the source system."));

    public static readonly Rule DateOrder = new("date-order",
        new("{0} mâu thuẫn về thời gian: {3}.", "{0} contradicts another date: {3}."),
        new("Kiểm tra lại ngày ở hệ thống nguồn; ngày không bao giờ được tự sửa.", "Check the dates at the source system; dates are never repaired."));

    public static readonly Rule RaggedRow = new("ragged-row",
        new("Dòng không đủ hoặc thừa cột: {3}.", "The row has too few or too many cells: {3}."),
        new("Sửa dòng trong tệp rồi thả lại tệp.", "Correct the row and drop the file again."));

    public static readonly Rule BadQuote = new("bad-quote",
        new("Dấu nháy trong dòng không hợp lệ: {3}.", "The row has a misplaced quote: {3}."),
        new("Sửa dòng trong tệp rồi thả lại tệp.", "Correct the row and drop the file again."));

    public static readonly Rule DuplicateKey = new("duplicate-key",
        new("Khóa đứng hai lần trong cùng một lần đọc: {3}.", "The key stands twice in one reading: {3}."),
        new("Bỏ dòng trùng ở nguồn; bản ghi sau không tự đè bản ghi trước.", "Remove the duplicate at the source; a later row does not silently win."));

    public static readonly Rule KeyMissing = new("key-missing",
        new("Bản ghi không có khóa ({1}).", "The record has no key ({1})."),
        new("Bổ sung khóa ở hệ thống nguồn.", "Fill in the key at the source system."));

    public static readonly Rule WatermarkMissing = new("watermark-missing",
        new("Bản ghi không có mốc thời gian cập nhật ({1}).", "The record has no watermark value ({1})."),
        new("Bổ sung thời điểm cập nhật ở hệ thống nguồn.", "Fill in the update time at the source system."));

    public static readonly Rule RefusedByTarget = new("refused-by-target",
        new("Cổng tiếp nhận từ chối bản ghi: {3}.", "The receiver refused the record: {3}."),
        new("Sửa dữ liệu theo thông báo của cổng; hoặc gửi lại sau khi cổng đã sửa.", "Correct the data as the message says, or replay once the receiver is fixed."));

    public static readonly Rule RecordTooLarge = new("record-too-large",
        new("Bản ghi hoặc {1} lớn quá giới hạn: {3}.", "The record or {1} is larger than the limit: {3}."),
        new("Rút gọn ở hệ thống nguồn; hoặc nâng Limits:RecordBytes nếu bộ nhớ máy chủ cho phép, rồi đồng bộ lại với --full.",
            "Shorten it at the source system; or raise Limits:RecordBytes if the machine has the memory, and sync again with --full."));

    public static readonly Rule CrashSuspect = new("crash-suspect",
        new("Chương trình đã chết {3} lần khi chỉ xử lý một mình bản ghi này; bản ghi được để riêng, các bản ghi khác vẫn chạy.",
            "The worker died {3} times while it handled this record alone; it is set aside and the others flow."),
        new("Gửi nội dung bản ghi và nhật ký lúc chết cho đơn vị hỗ trợ. Sau khi cập nhật chương trình hoặc sửa ở nguồn: gửi lại.",
            "Give the record and the log of those moments to your support. Once the program is updated or the source corrected: replay."));

    public static readonly Rule PayloadDamaged = new("payload-damaged",
        new("Nội dung lưu trong sổ không khớp mã băm; không gửi.", "The stored payload does not match its hash; it was not sent."),
        new("Kiểm tra đĩa và bản sao lưu của sổ, rồi đồng bộ lại bản ghi.", "Check the ledger's disk and backups, then sync the record again."));

    public static readonly Rule WithdrawalUnsupported = new("withdrawal-unsupported",
        new("Bản ghi đã mất ở nguồn nhưng cổng không có lệnh rút.", "The record is gone at the source and the receiver has no call to withdraw it."),
        new("Xử lý trực tiếp với đơn vị quản lý cổng rồi bỏ qua mục này.", "Settle it with the receiver's operator, then dismiss this entry."));

    public static readonly Rule NeedsPerson = new("needs-person",
        new("Đã gửi nhưng không rõ nơi nhận ({3}) đã tiếp nhận hay chưa, và không có cách hỏi lại. Chương trình không tự gửi lại.",
            "It was sent, whether the receiver ({3}) took it is not known, and it cannot be asked. The program does not send it again by itself."),
        new("Mở hệ thống nhận để đối chiếu. Đã có ở đó: integration failures dismiss --key … --reason … (sổ ghi là đã tiếp nhận). Chưa có: integration failures replay --key … --reason … (gửi lại; nếu thực ra đã có thì sẽ trùng).",
            "Look on the receiver. It is there: integration failures dismiss --key … --reason … (the ledger takes it as received). It is not: integration failures replay --key … --reason … (sent again; if it was there after all, it is doubled)."));

    /// <summary>All rules by code.</summary>
    public static IReadOnlyDictionary<string, Rule> ByCode { get; } = typeof(Rules)
        .GetFields()
        .Where(f => f.FieldType == typeof(Rule))
        .Select(f => (Rule)f.GetValue(null)!)
        .ToDictionary(r => r.Code, StringComparer.Ordinal);

    /// <summary>What happened, filled with the facts of one rejection.</summary>
    public static Text What(Rejection rejection) => Fill(ByCode[rejection.Rule].What, rejection);

    /// <summary>What to do about it.</summary>
    public static Text Advice(Rejection rejection) => Fill(ByCode[rejection.Rule].Advice, rejection);

    private static Text Fill(Text text, Rejection r) => text.With(r.TargetField ?? "–", r.SourceField ?? "–", r.MaskedValue ?? "–", r.Detail ?? "–");
}

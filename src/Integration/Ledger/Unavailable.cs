using Integration.Records;

namespace Integration.Ledger;

/// <summary>What operators are told when the store cannot be used.</summary>
internal static class Unavailable
{
    public static readonly Text CannotOpen = new(
        "Không mở được sổ đồng bộ: {0}. Không có gì bị mất; chương trình sẽ thử lại. Kiểm tra đường dẫn hoặc máy chủ, tài khoản và quyền truy cập.",
        "The ledger cannot be opened: {0}. Nothing is lost; it is tried again. Check the path or server, the account and its rights.");

    public static readonly Text Busy = new(
        "Sổ đồng bộ bận quá lâu: {0}. Chưa ghi gì; chương trình sẽ thử lại. Kiểm tra xem có công cụ sao lưu hoặc chương trình khác đang giữ sổ.",
        "The ledger was busy for too long: {0}. Nothing was written; it is tried again. See whether a backup tool or another program holds it.");

    public static readonly Text DiskFull = new(
        "Đĩa chứa sổ đồng bộ đã đầy: {0}. Chưa ghi gì; hệ thống tự chạy tiếp khi có chỗ trống. Hãy giải phóng đĩa.",
        "The ledger's disk is full: {0}. Nothing was written; work goes on by itself once there is room. Free some space.");

    public static readonly Text Lost = new(
        "Mất kết nối tới sổ đồng bộ: {0}. Chương trình sẽ kết nối lại và làm lại bước này. Kiểm tra máy chủ cơ sở dữ liệu và mạng.",
        "The connection to the ledger was lost: {0}. It is opened again and the step repeated. Check the database server and the network.");

    public static readonly Text DiskFails = new(
        "Đĩa chứa sổ đồng bộ báo lỗi khi đọc hoặc ghi: {0}. Bước này coi như chưa ghi và sẽ được làm lại. Kiểm tra đĩa và chỗ trống; nếu lặp lại, dừng chương trình và thay đĩa.",
        "The ledger's disk fails to read or write: {0}. The step counts as not written and is repeated. Check the disk and its free space; if it goes on, stop the program and replace the disk.");

    public static readonly Text ReadOnly = new(
        "Sổ đồng bộ chỉ cho đọc: {0}. Chưa ghi gì. Cấp quyền ghi cho tài khoản chạy dịch vụ.",
        "The ledger is read-only: {0}. Nothing was written. Give the service's account the right to write.");

    public static readonly Text Damaged = new(
        "Sổ đồng bộ bị hỏng hoặc không phải là sổ: {0}. Dừng lại, giữ nguyên tệp và khôi phục từ bản sao lưu.",
        "The ledger is damaged, or is not one: {0}. Stop, keep the file as it is and restore a backup.");

    public static readonly Text Failed = new(
        "Sổ đồng bộ từ chối thao tác: {0}. Chưa ghi gì; chương trình sẽ thử lại.",
        "The ledger refused an operation: {0}. Nothing was written; it is tried again.");

    public static LedgerUnavailableException Because(Text text, Exception inner, string code) =>
        new(text.With($"{code}: {Masking.Outside(inner.Message, 200).TrimEnd('.')}"), inner);
}

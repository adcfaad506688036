namespace Demo.Province;

/// <summary>What the catalogue's names are made of: an action, a paper of a field, and for whom.</summary>
internal static class Fields
{
    public static readonly Field[] All =
    [
        new("G15-HT", "Hộ tịch", "Bộ Tư pháp", "H60.02", true, "Giấy khai sinh", "Giấy chứng nhận kết hôn", "Trích lục khai tử"),
        new("G15-CT", "Chứng thực", "Bộ Tư pháp", "H60.02", true, "bản sao từ sổ gốc", "chứng thực hợp đồng, giao dịch", "chứng thực chữ ký"),
        new("G15-LS", "Luật sư", "Bộ Tư pháp", "H60.02", false, "Giấy đăng ký hoạt động văn phòng luật sư", "Giấy đăng ký hành nghề luật sư", "Giấy phép chi nhánh công ty luật"),
        new("G13-DD", "Đất đai", "Bộ Nông nghiệp và Môi trường", "H60.06", true, "Giấy chứng nhận quyền sử dụng đất", "quyết định chuyển mục đích sử dụng đất", "trích đo địa chính thửa đất"),
        new("G13-MT", "Môi trường", "Bộ Nông nghiệp và Môi trường", "H60.06", false, "Giấy phép môi trường", "báo cáo đánh giá tác động môi trường", "phương án cải tạo, phục hồi môi trường"),
        new("G13-TN", "Tài nguyên nước", "Bộ Nông nghiệp và Môi trường", "H60.06", false, "Giấy phép khai thác nước dưới đất", "Giấy phép khai thác nước mặt", "Giấy phép hành nghề khoan nước"),
        new("G13-LN", "Lâm nghiệp", "Bộ Nông nghiệp và Môi trường", "H60.06", false, "phương án quản lý rừng bền vững", "mã số cơ sở nuôi động vật rừng", "hồ sơ nguồn gốc lâm sản"),
        new("G13-TY", "Thú y", "Bộ Nông nghiệp và Môi trường", "H60.06", false, "Chứng chỉ hành nghề thú y", "Giấy chứng nhận vệ sinh thú y", "Giấy chứng nhận cơ sở an toàn dịch bệnh"),
        new("G17-XD", "Hoạt động xây dựng", "Bộ Xây dựng", "H60.04", true, "Giấy phép xây dựng nhà ở riêng lẻ", "Chứng chỉ hành nghề hoạt động xây dựng", "Chứng chỉ năng lực hoạt động xây dựng"),
        new("G17-DB", "Đường bộ", "Bộ Xây dựng", "H60.04", false, "Giấy phép kinh doanh vận tải bằng xe ô tô", "phù hiệu xe ô tô vận tải", "Giấy phép liên vận"),
        new("G17-QH", "Quy hoạch", "Bộ Xây dựng", "H60.04", false, "Giấy phép quy hoạch", "thông tin quy hoạch", "đồ án quy hoạch chi tiết"),
        new("G16-KB", "Khám bệnh, chữa bệnh", "Bộ Y tế", "H60.07", false, "Giấy phép hành nghề khám bệnh", "Giấy phép hoạt động phòng khám đa khoa", "Giấy phép hoạt động trạm y tế"),
        new("G16-DP", "Dược phẩm", "Bộ Y tế", "H60.07", false, "Chứng chỉ hành nghề dược", "Giấy chứng nhận đủ điều kiện kinh doanh dược", "thông báo hoạt động bán lẻ thuốc"),
        new("G16-BT", "Bảo trợ xã hội", "Bộ Y tế", "H60.07", true, "quyết định trợ cấp xã hội hằng tháng", "Giấy xác nhận khuyết tật", "quyết định hỗ trợ chi phí mai táng"),
        new("G01-GD", "Giáo dục mầm non", "Bộ Giáo dục và Đào tạo", "H60.08", true, "quyết định thành lập trường mẫu giáo", "quyết định hoạt động nhóm trẻ", "quyết định sáp nhập trường mầm non"),
        new("G01-TH", "Giáo dục trung học", "Bộ Giáo dục và Đào tạo", "H60.08", false, "quyết định cho phép hoạt động giáo dục", "giấy chuyển trường", "bản sao văn bằng, chứng chỉ"),
        new("G04-KD", "Thành lập hộ kinh doanh", "Bộ Tài chính", "H60.03", true, "Giấy chứng nhận đăng ký hộ kinh doanh", "thông báo tạm ngừng kinh doanh", "Giấy chứng nhận đăng ký hợp tác xã"),
        new("G04-DN", "Thành lập doanh nghiệp", "Bộ Tài chính", "H60.03", false, "Giấy chứng nhận đăng ký doanh nghiệp", "đăng ký hoạt động chi nhánh", "thông báo mẫu con dấu"),
        new("G02-HH", "Lưu thông hàng hóa", "Bộ Công Thương", "H60.05", false, "Giấy phép bán lẻ rượu", "Giấy phép bán lẻ sản phẩm thuốc lá", "Giấy chứng nhận cửa hàng đủ điều kiện bán lẻ xăng dầu"),
        new("G02-DL", "Điện lực", "Bộ Công Thương", "H60.05", false, "Giấy phép hoạt động phân phối điện", "thẻ an toàn điện", "Giấy phép tư vấn chuyên ngành điện lực"),
        new("G09-NC", "Người có công", "Bộ Nội vụ", "H60.01", true, "quyết định trợ cấp ưu đãi", "Giấy chứng nhận gia đình liệt sĩ", "hồ sơ di chuyển hài cốt liệt sĩ"),
        new("G09-VL", "Việc làm", "Bộ Nội vụ", "H60.01", false, "Giấy phép lao động", "Giấy phép hoạt động dịch vụ việc làm", "quyết định trợ cấp thất nghiệp"),
        new("G08-VH", "Văn hóa", "Bộ Văn hóa, Thể thao và Du lịch", "H60.09", false, "Giấy phép tổ chức lễ hội", "Giấy phép kinh doanh karaoke", "Giấy công nhận gia đình văn hóa"),
        new("G08-DL", "Du lịch", "Bộ Văn hóa, Thể thao và Du lịch", "H60.09", false, "thẻ hướng dẫn viên du lịch", "Giấy phép kinh doanh lữ hành", "quyết định công nhận điểm du lịch"),
    ];

    public static readonly string[] Actions =
    [
        "Cấp", "Cấp lại", "Cấp đổi", "Gia hạn", "Điều chỉnh", "Sửa đổi, bổ sung", "Thu hồi", "Xác nhận", "Thẩm định", "Công nhận", "Chuyển đổi", "Chấm dứt hiệu lực",
    ];

    public static readonly string[] ForWhom = ["", " đối với tổ chức, doanh nghiệp"];
}

using System.Text;

namespace Demo.Province;

/// <summary>Vietnamese text of an exact length, for the edges of a limit.</summary>
internal static class LongText
{
    private const string _sentence = "Cán bộ tiếp nhận đã đối chiếu bản chính, người nộp cam kết bổ sung đủ thành phần hồ sơ. ";

    /// <param name="length">In chars, after NFC.</param>
    public static string Of(int length)
    {
        var text = new StringBuilder(length + _sentence.Length);
        while (text.Length < length)
        {
            text.Append(_sentence);
        }

        text.Length = length;
        text[^1] = '.';
        return text.ToString();
    }
}

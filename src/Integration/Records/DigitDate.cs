using System.Buffers;
using System.Text;

namespace Integration.Records;

/// <summary>
/// Dates in digits alone, as the national interfaces write nearly all of theirs: <c>yyyyMMdd</c> and <c>yyyyMMddHHmmss</c>. The same result as the
/// general formats of .NET give, without their reading of the format for every value.
/// </summary>
internal static class DigitDate
{
    private const string Day = "yyyyMMdd";
    private const string Second = "yyyyMMddHHmmss";

    public static bool Knows(string? format) => format is Day or Second;

    /// <param name="format">One that is known.</param>
    /// <returns>False for anything but a date in exactly this format.</returns>
    public static bool TryParse(ReadOnlySpan<byte> ascii, string format, out DateTime date)
    {
        date = default;
        if (ascii.Length != format.Length || ascii.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        var (year, month, day) = (100 * Pair(ascii, 0) + Pair(ascii, 2), Pair(ascii, 4), Pair(ascii, 6));
        var (hour, minute, second) = ascii.Length == Day.Length ? (0, 0, 0) : (Pair(ascii, 8), Pair(ascii, 10), Pair(ascii, 12));
        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        date = new DateTime(year, month, day, hour, minute, second);
        return true;
    }

    /// <param name="format">One that is known.</param>
    /// <returns>False for anything but a date in exactly this format.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, string format, out DateTime date)
    {
        Span<byte> ascii = stackalloc byte[Second.Length];
        date = default;
        return text.Length == format.Length && Ascii.FromUtf16(text, ascii, out var length) == OperationStatus.Done && TryParse(ascii[..length], format, out date);
    }

    /// <param name="format">One that is known.</param>
    /// <param name="ascii">Room for as many bytes as the format has letters.</param>
    public static int Write(DateTime date, string format, Span<byte> ascii)
    {
        var (year, month, day) = date;
        Write(ascii, 0, year / 100);
        Write(ascii, 2, year % 100);
        Write(ascii, 4, month);
        Write(ascii, 6, day);
        if (format.Length == Second.Length)
        {
            var second = (int)(date.Ticks % TimeSpan.TicksPerDay / TimeSpan.TicksPerSecond);
            Write(ascii, 8, second / 3600);
            Write(ascii, 10, second / 60 % 60);
            Write(ascii, 12, second % 60);
        }

        return format.Length;
    }

    private static int Pair(ReadOnlySpan<byte> digits, int at) => 10 * (digits[at] - '0') + (digits[at + 1] - '0');

    private static void Write(Span<byte> ascii, int at, int value) => (ascii[at], ascii[at + 1]) = ((byte)('0' + value / 10), (byte)('0' + value % 10));
}

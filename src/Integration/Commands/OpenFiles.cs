using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Integration.Commands;

/// <summary>
/// The number of files a process may hold open. The runtime alone holds more than two hundred; with fewer nothing works and nothing can
/// say why, so this is looked at first, and told without anything that would have to be opened for it.
/// </summary>
internal static class OpenFiles
{
    private const int Fewest = 512;

    /// <returns>Null when there are enough, or nobody can tell.</returns>
    public static int? TooFew()
    {
        try
        {
            var limit = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
            var soft = limit?["Max open files".Length..].TrimStart().Split(' ')[0];
            return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files) && files < Fewest ? files : null;
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public static int Refuse(int files)
    {
        var known = files > 0 ? $" {files}" : "";
        using var error = new FileStream(new SafeFileHandle(2, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        error.Write(Encoding.UTF8.GetBytes(
            $"""
            Tiến trình chỉ được mở{known} tệp, cần ít nhất {Fewest}; chưa có gì được khởi động. Đặt LimitNOFILE trong dịch vụ systemd, hoặc ulimit -n.
            The process may open only{known} files and needs at least {Fewest}; nothing was started. Set LimitNOFILE in the systemd unit, or ulimit -n.

            """));
        return Exit.CannotReach;
    }
}

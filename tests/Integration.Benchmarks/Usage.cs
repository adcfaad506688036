using System.Globalization;

namespace Integration.Benchmarks;

/// <summary>What processes have used so far, by the kernel's own account (Linux).</summary>
internal static class Usage
{
    private const double TicksPerSecond = 100;

    /// <returns>Seconds of CPU of a process, without its children; null when it has ended.</returns>
    public static double? Cpu(int process) => Stat(process) is { } s ? (s[13] + s[14]) / TicksPerSecond : null;

    /// <returns>Seconds of CPU of a postmaster, its live backends and those that ended.</returns>
    public static double CpuOfTree(int postmaster)
    {
        var own = Stat(postmaster) is { } s ? s[13] + s[14] + s[15] + s[16] : 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Stat(id) is { } child && child[3] == postmaster)
            {
                own += child[13] + child[14];
            }
        }

        return own / TicksPerSecond;
    }

    /// <returns>Largest resident memory so far, bytes; null when the process has ended.</returns>
    public static long? PeakMemory(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Fields as in proc(5), counted from 0; the command's name may hold spaces and stands in brackets.
    private static long[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var rest = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return [0, 0, .. rest.Select(static f => long.TryParse(f, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : 0)];
        }
        catch (IOException)
        {
            return null;
        }
    }
}

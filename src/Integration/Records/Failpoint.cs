using System.Diagnostics;

namespace Integration.Records;

/// <summary>
/// A named place at which a worker under test ends itself as a power cut would: <c>CRASH_AT=P09:3</c> kills it when it comes to P09 for the
/// third time. Only debug builds define FAILPOINTS; the calls are not even compiled into a release.
/// </summary>
internal static class Failpoint
{
    private static readonly string? s_point;
    private static int s_left;

    static Failpoint()
    {
        if (Environment.GetEnvironmentVariable("CRASH_AT")?.Split(':') is [var point, var time] && int.TryParse(time, out s_left))
        {
            s_point = point;
        }
    }

    /// <param name="point">Its number, a space and what has just been done.</param>
    [Conditional("FAILPOINTS")]
    public static void Reach(string point)
    {
        if (IsLast(point))
        {
            Crash();
        }
    }

    /// <summary>As <see cref="Reach(string)"/>, with what was written up to here on the wire.</summary>
    [Conditional("FAILPOINTS")]
    public static void Reach(string point, Stream written)
    {
        if (IsLast(point))
        {
            written.Flush();
            Crash();
        }
    }

    private static bool IsLast(string point) =>
        s_point is not null && point.StartsWith(s_point, StringComparison.Ordinal) && Interlocked.Decrement(ref s_left) == 0;

    private static void Crash()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}

using System.Diagnostics;
using Xunit;

namespace Integration.Tests.Support;

/// <summary>A file system of a few megabytes, in memory, to be filled, emptied and made read-only. Mounting needs root on Linux.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    /// <summary>Skips the test, with the reason, where this machine does not allow it.</summary>
    public static SmallDisk Mount(int kilobytes)
    {
        var folder = Directory.CreateTempSubdirectory("disk-").FullName;
        var said = Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", folder);
        if (said is not null)
        {
            Directory.Delete(folder);
        }

        Assert.SkipUnless(said is null, $"A small file system cannot be mounted here: {said}");
        return new SmallDisk(folder);
    }

    /// <summary>Takes all the room there is.</summary>
    /// <param name="but">Bytes to leave.</param>
    public void Fill(long but = 0)
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (new DriveInfo(Folder).AvailableFreeSpace > but)
            {
                filler.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    public void Free() => File.Delete(Filler);

    public void MakeReadOnly() => Assert.Null(Run("mount", "-o", "remount,ro", Folder));

    public void MakeWritable() => Assert.Null(Run("mount", "-o", "remount,rw", Folder));

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    /// <returns>Null when it went well, else what it said.</returns>
    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : said.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}

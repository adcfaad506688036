using System.IO.Enumeration;
using System.Text;
using Integration.Records;

namespace Integration.Extract.Csv;

/// <summary>
/// The folder that files are dropped into, and the three below it that they end in: <c>done</c>, <c>duplicate</c>, <c>refused</c>. A file is
/// moved by one rename, never deleted, never written over another.
/// </summary>
internal sealed class Inbox
{
    private readonly CsvSourceOptions _options;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, Sighting> _seen = new(StringComparer.Ordinal);

    /// <exception cref="SourceBrokenException">The folder is not set, or leads out of the connection's folder.</exception>
    public Inbox(CsvSourceOptions options, SourceContext context)
    {
        (_options, _clock) = (options, context.Clock);
        var root = context.Connection?["Folder"];
        if (string.IsNullOrWhiteSpace(root))
        {
            throw new SourceBrokenException(new Text($"Connections:{options.Connection}:Folder còn trống.", $"Connections:{options.Connection}:Folder is missing."))
            {
                Setting = $"Connections:{options.Connection}",
            };
        }

        root = Path.GetFullPath(root);
        Folder = Path.GetFullPath(Path.Combine(root, options.Folder ?? "."));
        if (Folder != root && !Folder.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new SourceBrokenException(new Text(
                $"Kết nối {options.Connection}: folder nằm ngoài thư mục của kết nối.", $"Connection {options.Connection}: folder lies outside the connection's folder."));
        }
    }

    public string Folder { get; }

    public bool HasMarkers => _options.Done is not null;

    /// <summary>Whole files, oldest first. What is still being written is left alone; what is no plain file is left alone and told.</summary>
    /// <exception cref="SourceUnavailableException">The folder cannot be read now.</exception>
    public IReadOnlyList<FileInfo> WholeFiles(ICollection<Text> notes)
    {
        try
        {
            var files = new DirectoryInfo(Folder).EnumerateFileSystemInfos()
                .Where(f => f.Name[0] != '.' && FileSystemName.MatchesSimpleExpression(_options.Pattern, f.Name) && !IsMarker(f.Name))
                .ToList();
            foreach (var link in files.Where(f => f.LinkTarget is not null))
            {
                notes.Add(new Text($"Bỏ qua {link.Name}: là liên kết, không phải tệp.", $"{link.Name} is left alone: it is a link, not a file."));
            }

            return [.. files.OfType<FileInfo>().Where(f => f.LinkTarget is null && IsWhole(f, notes)).OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreachable(e);
        }
    }

    public SourceUnavailableException Unreachable(Exception e) => new(new Text(
        $"Không đọc được thư mục của kết nối {_options.Connection}; lượt sau thử lại.", $"The folder of connection {_options.Connection} cannot be read; the next run tries again."), e);

    /// <summary>Moves a file and its marker into one of the folders; nothing happens when the file is no longer there.</summary>
    /// <returns>Its new path; null when there was nothing to move.</returns>
    public string? Move(string name, string into)
    {
        var from = Path.Combine(Folder, name);
        if (!File.Exists(from))
        {
            return null;
        }

        var to = FreePath(Directory.CreateDirectory(Path.Combine(Folder, into)).FullName, name);
        Rename(from, to);
        Failpoint.Reach("P14 file moved, marker not");
        _seen.Remove(name);
        if (_options.Done is { } ending && File.Exists(from + ending))
        {
            Rename(from + ending, FreePath(Path.GetDirectoryName(to)!, Path.GetFileName(to) + ending));
        }

        return to;
    }

    /// <summary>Puts a file out of the way, with the reason beside it.</summary>
    public void Refuse(string name, Text why)
    {
        if (Move(name, "refused") is { } path)
        {
            File.WriteAllText($"{path}.reason.txt", $"{why.Vi}\n{why.En}\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }

    private bool IsMarker(string name) => _options.Done is { } ending && name.EndsWith(ending, StringComparison.Ordinal);

    private bool IsWhole(FileInfo file, ICollection<Text> notes)
    {
        if (_options.Done is { } ending)
        {
            return File.Exists(file.FullName + ending);
        }

        // A time of change in the past is proof enough of rest. One in the future (another machine's clock) is not: then rest is watched.
        var now = _clock.GetUtcNow();
        var age = now - file.LastWriteTimeUtc;
        var sighting = _seen.GetValueOrDefault(file.Name);
        if (sighting is null || sighting.Length != file.Length || sighting.Changed != file.LastWriteTimeUtc)
        {
            _seen[file.Name] = sighting = new Sighting(file.Length, file.LastWriteTimeUtc, _clock.GetTimestamp());
        }

        if (age >= _options.Stable || _clock.GetElapsedTime(sighting.Since) >= _options.Stable)
        {
            return true;
        }

        notes.Add(new Text($"{file.Name} vừa được ghi; sẽ đọc khi tệp đứng yên {_options.Stable.TotalSeconds:0} giây.",
            $"{file.Name} was just written; it is read once it has stood still for {_options.Stable.TotalSeconds:0} seconds."));
        return false;
    }

    private static string FreePath(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        for (var i = 2; File.Exists(path); i++)
        {
            path = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(name)}~{i}{Path.GetExtension(name)}");
        }

        return path;
    }

    private static void Rename(string from, string to)
    {
        try
        {
            // Unlike File.Move this never copies: it is one step, or fails.
            Directory.Move(from, to);
        }
        catch (IOException) when (File.Exists(from) && !File.Exists(to))
        {
            // Another file system. The copy is safe on disk, under another name, before it appears and before the original goes.
            var part = Path.Combine(Path.GetDirectoryName(to)!, $".{Path.GetFileName(to)}.part");
            using (var source = File.OpenRead(from))
            using (var copy = new FileStream(part, FileMode.Create, FileAccess.Write))
            {
                source.CopyTo(copy);
                copy.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(part, File.GetLastWriteTimeUtc(from));
            File.Move(part, to);
            File.Delete(from);
        }
    }

    private sealed record Sighting(long Length, DateTime Changed, long Since);
}

using System.Buffers.Binary;
using System.Text;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>The files of one pipeline. Nothing outside the folder can be reached through it, and what was read makes up the mapping version.</summary>
internal sealed class PipelineFolder(string path, FaultList faults)
{
    private readonly SortedDictionary<string, ContentHash> _parts = new(StringComparer.Ordinal);

    public string Name { get; } = System.IO.Path.GetFileName(path);

    public string Path { get; } = path;

    /// <summary>How messages name a file: from the mappings folder on, never by a machine's path.</summary>
    public string Shown(string file) => $"{Name}/{file}";

    /// <summary>The bytes of a file that belongs to the version; null, with a fault at <paramref name="named"/>, when it cannot be had.</summary>
    public byte[]? Read(string file, Mark named)
    {
        if (!IsInside(file))
        {
            faults.Add(named, $"tệp '{Definitions.Shown.Word(file)}' phải nằm trong thư mục {Name}", $"file '{Definitions.Shown.Word(file)}' must lie in folder {Name}");
            return null;
        }

        try
        {
            var info = new FileInfo(System.IO.Path.Combine(Path, file));
            if (!info.Exists)
            {
                var shown = Definitions.Shown.Word(file);
                var (vi, en) = Hint.Of(info.Name, info.Directory is { Exists: true } beside ? beside.EnumerateFiles().Select(f => f.Name) : []);
                faults.Add(named, $"không có tệp '{shown}' trong thư mục {Name}{vi}", $"there is no file '{shown}' in folder {Name}{en}");
                return null;
            }

            if (info.ResolveLinkTarget(returnFinalTarget: true) is { } target && !target.FullName.StartsWith(Path + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                faults.Add(named, $"tệp '{file}' trỏ ra ngoài thư mục {Name}", $"file '{file}' points outside folder {Name}");
                return null;
            }

            if (info.Length is 0 or > YamlFile.LargestBytes)
            {
                faults.Add(named, $"tệp '{file}' trống hoặc lớn quá {YamlFile.LargestBytes / 1024} KB", $"file '{file}' is empty or larger than {YamlFile.LargestBytes / 1024} KB");
                return null;
            }

            var bytes = File.ReadAllBytes(info.FullName);
            _parts[file] = ContentHash.Of(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(named, $"không đọc được tệp '{file}'", $"file '{file}' cannot be read");
            return null;
        }
    }

    /// <summary>Lets something that was read elsewhere take part in the version.</summary>
    public void Include(string name, ContentHash version) => _parts[name] = version;

    /// <summary>One hash over everything that was read, whatever the order.</summary>
    public ContentHash Version()
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var (name, version) in _parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, Encoding.UTF8.GetByteCount(name));
            bytes.Write(length);
            bytes.Write(Encoding.UTF8.GetBytes(name));
            bytes.Write(version.ToBytes());
        }

        return ContentHash.Of(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static bool IsInside(string file) =>
        file.IndexOfAny(['\\', ':', '\0']) < 0 && !System.IO.Path.IsPathRooted(file) && file.Split('/').All(part => part.Trim() is not ("" or "." or ".."));
}

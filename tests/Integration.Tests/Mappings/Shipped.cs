using Integration.Deliver;
using Integration.Extract;
using Integration.Pipelines.Definitions;

namespace Integration.Tests.Mappings;

/// <summary>The mappings of the repository, as they are shipped.</summary>
internal static class Shipped
{
    public static string Root { get; } = FindRoot();

    public static string Folder { get; } = Path.Combine(Root, "mappings");

    /// <summary>Every folder with a pipeline; found, not listed.</summary>
    public static IReadOnlyList<string> Pipelines { get; } =
        [.. Directory.EnumerateDirectories(Folder).Select(d => Path.GetFileName(d)).Where(n => n != "lookups").Order(StringComparer.Ordinal)];

    public static DefinitionSet Load(string? folder = null, IReadOnlyCollection<string>? connections = null) =>
        DefinitionSet.Load(folder ?? Folder, Sources.All, Targets.All, connections);

    /// <summary>Copies them to a place where a test may spoil them.</summary>
    public static void CopyTo(string target)
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Integration.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}

using System.Diagnostics;
using Integration.Tests.House;

namespace Integration.Tests.Crash;

/// <summary>A throw-away copy of the product's sources, in which one bug after the other is planted and built.</summary>
internal sealed class PlantedWorkshop : IDisposable
{
    private readonly string _folder;
    private (string Path, string Text)? _changed;

    private PlantedWorkshop(string folder) => _folder = folder;

    public static PlantedWorkshop Open()
    {
        var folder = Directory.CreateTempSubdirectory("planted-").FullName;
        foreach (var path in Directory.EnumerateFiles(Sources(Repository.Root), "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Repository.Root, path);
            if (!name.Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
                File.Copy(path, Path.Combine(folder, name));
            }
        }

        foreach (var name in (string[])["Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "global.json"])
        {
            File.Copy(Path.Combine(Repository.Root, name), Path.Combine(folder, name));
        }

        return new PlantedWorkshop(folder);
    }

    public static string Sources(string root) => Path.Combine(root, "src", "Integration");

    /// <returns>The worker with this one bug.</returns>
    public async Task<string> BuildAsync(PlantedBug bug, CancellationToken cancellationToken)
    {
        if (_changed is { } before)
        {
            await File.WriteAllTextAsync(before.Path, before.Text, cancellationToken);
        }

        var path = Path.Combine(Sources(_folder), bug.File);
        var text = await File.ReadAllTextAsync(path, cancellationToken);
        _changed = (path, text);
        await File.WriteAllTextAsync(path, text.Replace(bug.Old, bug.New, StringComparison.Ordinal), cancellationToken);
        using var build = Process.Start(new ProcessStartInfo(
            "dotnet", ["build", Sources(_folder), "-v", "quiet", "--nologo", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:TreatWarningsAsErrors=false"])
        {
            RedirectStandardOutput = true,
        })!;
        var said = await build.StandardOutput.ReadToEndAsync(cancellationToken);
        await build.WaitForExitAsync(cancellationToken);
        return build.ExitCode == 0
            ? Path.Combine(Sources(_folder), "bin", "Debug", "net10.0", "integration.dll")
            : throw new InvalidOperationException($"'{bug.Name}' does not build: {said}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

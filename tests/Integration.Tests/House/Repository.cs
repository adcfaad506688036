namespace Integration.Tests.House;

/// <summary>Where the checkout is, from wherever the tests were started.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The folder of real public data beside the checkout; null where it is absent.</summary>
    public static string? SharedData { get; } = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data")) is var path && Directory.Exists(path) ? path : null;

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Integration.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside their checkout.");
    }
}

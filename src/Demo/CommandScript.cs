using System.Text;

namespace Demo;

/// <summary>A small script in the demo's folder that calls the product's command line with this province's settings.</summary>
internal static class CommandScript
{
    private const string _name = "integration";

    /// <summary>How to type it from the folder the demo was started in.</summary>
    public static string CallFrom(string folder)
    {
        var path = Path.Combine(Path.GetRelativePath(Directory.GetCurrentDirectory(), folder), _name);
        return OperatingSystem.IsWindows() ? path : $"{(Path.IsPathRooted(path) || path.StartsWith('.') ? "" : "./")}{path}";
    }

    public static void Write(string folder, IReadOnlyDictionary<string, string> settings)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "integration.dll");
        if (OperatingSystem.IsWindows())
        {
            var lines = settings.Select(s => $"set \"{s.Key}={s.Value}\"").Prepend("@echo off").Append($"dotnet \"{program}\" %*");
            File.WriteAllText(Path.Combine(folder, $"{_name}.cmd"), string.Join("\r\n", lines) + "\r\n", new UTF8Encoding(false));
            return;
        }

        var path = Path.Combine(folder, _name);
        var text = settings.Select(s => $"export {s.Key}={Quoted(s.Value)}").Prepend("#!/bin/sh").Append($"exec dotnet {Quoted(program)} \"$@\"");
        File.WriteAllText(path, string.Join('\n', text) + "\n", new UTF8Encoding(false));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Quoted(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

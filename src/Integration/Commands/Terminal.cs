using System.Globalization;

namespace Integration.Commands;

/// <summary>What a command line is run on: where it writes, how wide that is, and where its configuration comes from.</summary>
/// <param name="IsRedirected">The output goes to a file or another program: no colours, no spinner, no wrapping.</param>
/// <param name="Width">Columns, when the environment says so; null: as the output itself tells.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsRedirected, bool IsErrorRedirected, int? Width, Func<IConfiguration> Configure)
{
    /// <summary>The process's own streams; <c>appsettings.json</c> of the working folder, then the environment.</summary>
    public static Terminal OfProcess() => new(
        System.Console.Out,
        System.Console.Error,
        System.Console.IsOutputRedirected,
        System.Console.IsErrorRedirected,
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), CultureInfo.InvariantCulture, out var columns) && columns > 0 ? columns : null,
        () => new ConfigurationBuilder().SetBasePath(Directory.GetCurrentDirectory()).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build());
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Demo.Province;
using Integration.Commands;
using Integration.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.Commands;

/// <summary>A small sample province with a portal, worked with as an operator does: by commands.</summary>
internal sealed class CommandRig : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _environment;

    private CommandRig(string folder, SampleProvince province, Portal portal)
    {
        (Folder, Province, Portal) = (folder, province, portal);
        _environment = ProvinceAtWork.Settings(folder, province, portal.Url, null).Where(s => s.Key != "OperatorLanguage").ToDictionary(s => s.Key.Replace(":", "__"), s => s.Value);
        _environment["OperatorLanguage"] = "vi";
    }

    public string Folder { get; }

    public SampleProvince Province { get; }

    public Portal Portal { get; }

    public string LedgerPath => Path.Combine(Folder, "ledger.db");

    public IReadOnlyDictionary<string, string?> Environment => _environment;

    public static async Task<CommandRig> StartAsync(int dossiers = 300)
    {
        var folder = Directory.CreateTempSubdirectory("commands-").FullName;
        return new CommandRig(folder, SampleProvince.Create(folder, dossiers), await Portal.StartAsync(new PortalOptions(), TestContext.Current.CancellationToken));
    }

    /// <summary>A province whose records are all where they belong.</summary>
    public static async Task<CommandRig> StartDeliveredAsync(int dossiers = 300)
    {
        var rig = await StartAsync(dossiers);
        (await rig.RunAsync("sync", PipelineNames.Services)).Is(0);
        (await rig.RunAsync("sync", PipelineNames.Dossiers)).Is(1);
        await rig.RunAsync("sync", PipelineNames.Progress);
        return rig;
    }

    /// <summary>From now on every command is told so; null takes it away.</summary>
    public void Set(string name, string? value) => _environment[name] = value;

    /// <summary>Runs a command in this process: quick, and the same but for where the configuration stands.</summary>
    public async Task<Answer> RunAsync(params string[] arguments) => await RunAsync(null, arguments);

    public async Task<Answer> RunAsync(int? width, string[] arguments, params (string Name, string? Value)[] environment)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var settings = _environment.Concat(environment.Select(e => KeyValuePair.Create(e.Name, e.Value))).GroupBy(s => s.Key).Select(g => KeyValuePair.Create(g.Key.Replace("__", ":"), g.Last().Value));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Where(s => s.Value is not null)).Build();
        var exit = await CommandLine.RunAsync(arguments, new Terminal(output, error, IsRedirected: true, IsErrorRedirected: true, width, () => configuration));
        return Looked(new Answer(exit, output.ToString(), error.ToString()));
    }

    /// <summary>Runs the built program, as an operator does.</summary>
    public async Task<Answer> RunProcessAsync((string Name, string? Value)[] environment, params string[] arguments)
    {
        using var process = Process.Start(Describe(environment, arguments))!;
        process.StandardInput.Close();
        var cancelled = TestContext.Current.CancellationToken;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancelled), process.StandardError.ReadToEndAsync(cancelled));
        await process.WaitForExitAsync(cancelled);
        return Looked(new Answer(process.ExitCode, await output, await error));
    }

    /// <summary>The same command in Vietnamese, in English and as JSON; all three end alike.</summary>
    public async Task<(Answer Vi, Answer En, Answer Json)> RunInAllAsync(params string[] arguments)
    {
        var vi = await RunAsync(arguments);
        var en = await RunAsync([.. arguments, "--lang", "en"]);
        var json = await RunAsync([.. arguments, "--json"]);
        Assert.Equal((vi.Exit, vi.Exit), (en.Exit, json.Exit));
        Assert.NotEqual(vi.All, en.All);
        Assert.Equal("", json.Error);
        Assert.NotNull(json.Json);
        return (vi, en, json);
    }

    public string FirstOf(string pipeline, DirtKind kind) => Province.Dirt.Planted.First(p => p.Pipeline == pipeline && p.Kind == kind).Key;

    public string? Read(string sql, params (string Name, object Value)[] values)
    {
        using var connection = Province.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteScalar()?.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    // Whatever happens, no operator is to read a stack trace or a type's name.
    private static Answer Looked(Answer answer)
    {
        Assert.DoesNotContain("   at ", answer.All, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer.All, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001B', answer.All);
        return answer;
    }

    private ProcessStartInfo Describe((string Name, string? Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")))
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "integration.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in _environment.Where(e => e.Key != "OperatorLanguage").Select(e => (e.Key, e.Value)).Concat(environment))
        {
            start.Environment[name] = value;
        }

        start.Environment["LANG"] = environment.FirstOrDefault(e => e.Name == "LANG").Value;

        return start;
    }
}

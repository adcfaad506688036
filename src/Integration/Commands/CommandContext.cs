using System.CommandLine;
using System.Globalization;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;
using Spectre.Console;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary>What every command needs: the checked workspace, the ledger, a language, and a screen.</summary>
internal sealed class CommandContext : IAsyncDisposable
{
    private static readonly JsonSerializerSettings Json = new()
    {
        Formatting = Formatting.Indented,
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()), new HashAsText() },
        NullValueHandling = NullValueHandling.Ignore,
    };

    private readonly ILoggerFactory _loggers;
    private ILedger? _ledger;
    private PipelineSet? _pipelines;

    private CommandContext(Workspace workspace, Language language, bool json, ILoggerFactory loggers)
    {
        Workspace = workspace;
        Language = language;
        IsJson = json;
        _loggers = loggers;
        Worker = WorkerIdentity.Create(language);
    }

    public Workspace Workspace { get; }

    public Language Language { get; }

    /// <summary>Answers go out as one JSON document and nothing else does.</summary>
    public bool IsJson { get; }

    public WorkerIdentity Worker { get; }

    public TimeProvider Clock { get; } = TimeProvider.System;

    public IAnsiConsole Screen { get; } = AnsiConsole.Console;

    public ILoggerFactory Loggers => _loggers;

    public PipelineSet Pipelines => _pipelines ??= PipelineSet.Build(Workspace.Definitions.Pipelines, Workspace.Configuration, Clock, _loggers);

    /// <summary>Runs a command, and turns everything that can go wrong around it into a sentence and an exit code.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<CommandContext, Task<int>> command)
    {
        var workspace = Workspace.Read(Configuration());
        var language = parsed.GetValue(GlobalOptions.Lang) switch
        {
            "en" => Language.English,
            "vi" => Language.Vietnamese,
            _ => workspace.Settings.Language,
        };
        using var loggers = LoggerFactory.Create(log => log
            .AddFilter(level => level >= LogLevel.Error)
            .AddSimpleConsole(o => o.SingleLine = true)
            .AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var context = new CommandContext(workspace, language, parsed.GetValue(GlobalOptions.Json), loggers);
        if (workspace.Faults.Count > 0)
        {
            FaultReport.Write(context, workspace.Faults);
            return Exit.WrongUse;
        }

        try
        {
            return await command(context);
        }
        catch (LedgerUnavailableException e)
        {
            return context.Fail(e.What, Exit.CannotReach);
        }
        catch (LedgerTooNewException e)
        {
            return context.Fail(e.What, Exit.WrongUse);
        }
    }

    /// <summary><c>appsettings.json</c> of the working folder, then the environment.</summary>
    public static IConfiguration Configuration() => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .Build();

    public async Task<ILedger> LedgerAsync(CancellationToken cancellationToken)
    {
        if (_ledger is null)
        {
            _ledger = Workspace.OpenLedger(Clock, _loggers);
            await _ledger.OpenAsync(cancellationToken);
        }

        return _ledger;
    }

    public string Say(Text text) => text.In(Language);

    public string Say(string vietnamese, string english) => Language == Language.Vietnamese ? vietnamese : english;

    /// <summary>A pipeline by name; when there is none, says which there are.</summary>
    public Pipeline? Find(string name)
    {
        if (Pipelines.Find(name) is { } found)
        {
            return found;
        }

        var names = string.Join(", ", Pipelines.All.Select(p => p.Name));
        Fail(new Text($"Không có luồng '{name}'. Các luồng: {names}.", $"There is no pipeline '{name}'. There are: {names}."), Exit.WrongUse);
        return null;
    }

    /// <summary>An answer as JSON, as wide as it is.</summary>
    public void Write(object answer) => Screen.Profile.Out.Writer.WriteLine(JsonConvert.SerializeObject(answer, Json));

    /// <summary>A line for people; values in it are escaped, so no source text can become markup.</summary>
    public void Line(FormattableString markup) =>
        Screen.MarkupLineInterpolated(CultureInfo.GetCultureInfo(Language == Language.Vietnamese ? "vi-VN" : "en-US"), markup);

    public int Fail(Text what, int exit)
    {
        if (IsJson)
        {
            Write(new { error = Say(what), exit });
        }
        else
        {
            Line($"[red]{Say(what)}[/]");
        }

        return exit;
    }

    public static string Time(DateTimeOffset? time, TimeZoneInfo zone) =>
        time is { } t ? TimeZoneInfo.ConvertTime(t, zone).ToString("dd/MM HH:mm:ss", CultureInfo.InvariantCulture) : "–";

    public static string Count(long count) => count.ToString("N0", CultureInfo.GetCultureInfo("vi-VN"));

    public async ValueTask DisposeAsync()
    {
        if (_pipelines is not null)
        {
            await _pipelines.DisposeAsync();
        }

        if (_ledger is not null)
        {
            await _ledger.DisposeAsync();
        }
    }

    private sealed class HashAsText : JsonConverter<ContentHash>
    {
        public override void WriteJson(JsonWriter writer, ContentHash value, JsonSerializer serializer) => writer.WriteValue(value.ToString());

        public override ContentHash ReadJson(JsonReader reader, Type objectType, ContentHash existingValue, bool hasExistingValue, JsonSerializer serializer) =>
            throw new NotSupportedException("Answers are written, never read.");
    }
}

using System.Globalization;
using Integration.Records;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;
using Spectre.Console;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary>
/// Where a command answers: results on standard output, complaints on standard error; or, when JSON was asked for, one document on standard
/// output and nothing else. Colours and spinners are for terminals only.
/// </summary>
internal sealed class Screen(Terminal terminal, Language language, bool isJson)
{
    // In a pipe nothing is wrapped: a line that grep finds is a whole one.
    private const int Unwrapped = 10_000;
    private const int Narrowest = 40;

    private static readonly JsonSerializerSettings Json = new()
    {
        Formatting = Formatting.Indented,
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()) },
    };

    private readonly IAnsiConsole _out = Open(terminal.Out, terminal.IsRedirected, terminal.Width);
    private readonly IAnsiConsole _error = Open(terminal.Error, terminal.IsErrorRedirected, terminal.Width);

    public Language Language => language;

    public bool IsJson => isJson;

    public string Say(Text text) => text.In(language);

    public string Say(string vietnamese, string english) => language == Language.Vietnamese ? vietnamese : english;

    /// <summary>A line for people; values in it are escaped, so no source text can become markup.</summary>
    public void Line(FormattableString markup) => _out.MarkupLineInterpolated(Culture, markup);

    /// <summary>Text below a line, set in by so many columns however often it wraps.</summary>
    public void Below(int indent, FormattableString markup) =>
        _out.Write(new Padder(Markup.FromInterpolated(Culture, markup), new Padding(indent, 0, 0, 0)));

    public void Complain(string line) => _error.MarkupLineInterpolated(Culture, $"[red]{line}[/]");

    public void Table(Table table) => _out.Write(table);

    /// <summary>An answer as JSON. Texts stand in it in both languages, times in UTC.</summary>
    public void Write(object answer) => terminal.Out.WriteLine(JsonConvert.SerializeObject(answer, Json));

    public int Fail(Text what, int exit)
    {
        if (isJson)
        {
            Write(new { error = what, exit });
        }
        else
        {
            Complain(Say(what));
        }

        return exit;
    }

    public Task<T> WhileAsync<T>(Text what, Func<Task<T>> work) =>
        isJson || terminal.IsRedirected ? work() : _out.Status().StartAsync(Markup.Escape(Say(what)), _ => work());

    public string Count(long count) => count.ToString("N0", Culture);

    public static string Time(DateTimeOffset? time, TimeZoneInfo zone) =>
        time is { } t ? TimeZoneInfo.ConvertTime(t, zone).ToString("dd/MM HH:mm:ss", CultureInfo.InvariantCulture) : "–";

    private CultureInfo Culture { get; } = CultureOf(language);

    private static CultureInfo CultureOf(Language language)
    {
        try
        {
            return CultureInfo.GetCultureInfo(language == Language.Vietnamese ? "vi-VN" : "en-US");
        }
        catch (CultureNotFoundException)
        {
            // A machine without culture data; that the worker needs it is told by its own fault.
            return CultureInfo.InvariantCulture;
        }
    }

    private static IAnsiConsole Open(TextWriter writer, bool isRedirected, int? width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (width is not null || isRedirected)
        {
            console.Profile.Width = Math.Max(width ?? Unwrapped, Narrowest);
        }

        return console;
    }
}

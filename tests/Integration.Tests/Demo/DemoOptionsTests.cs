using Demo;
using Demo.Province;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Demo;

public sealed class DemoOptionsTests
{
    [Fact]
    public async Task Without_words_the_demo_speaks_Vietnamese_and_keeps_its_ledger_in_SQLite()
    {
        var options = await ParseAsync();

        Assert.Equal(new DemoOptions(false, Path.GetFullPath("demo"), false, 20_000, Language.Vietnamese, null), options);
    }

    [Fact]
    public async Task Every_word_is_understood()
    {
        var options = await ParseAsync("--once", "--fresh", "--folder", "/srv/mau", "--dossiers", "400", "--lang", "en", "--ledger", "postgres:Host=db.example;Database=ledger");

        Assert.Equal(new DemoOptions(true, Path.GetFullPath("/srv/mau"), true, 400, Language.English, "Host=db.example;Database=ledger"), options);
    }

    [Theory]
    [InlineData("--dossiers", "99")]
    [InlineData("--dossiers", "many")]
    [InlineData("--ledger", "oracle")]
    [InlineData("--ledger", "postgres:")]
    [InlineData("--lang", "fr")]
    public async Task A_wrong_word_is_refused(string option, string value) => Assert.Null(await ParseAsync(option, value));

    [Fact]
    public void The_worker_is_told_by_the_names_an_installation_uses()
    {
        var folder = Directory.CreateTempSubdirectory("province-").FullName;
        try
        {
            var options = new DemoOptions(true, folder, false, 100, Language.Vietnamese, null);
            var settings = WorkerSettings.Of(options, SampleProvince.Create(folder, 100), new Uri("http://127.0.0.1:5001"), new Uri("http://127.0.0.1:5002"));

            Assert.Equal("sqlite", settings["Ledger__Provider"]);
            Assert.Equal($"Data Source={Path.Combine(folder, "one-stop.db")}", settings["Connections__OneStop__ConnectionString"]);
            Assert.Equal(Path.Combine(folder, "mappings"), settings["Mappings"]);
            Assert.Equal("http://127.0.0.1:5001/", settings["Connections__Portal__Url"]);
            Assert.Equal(WorkerSettings.WritePassword(options), File.ReadAllText(settings["Connections__Portal__PasswordFile"]));
            Assert.DoesNotContain(settings.Values, v => v == File.ReadAllText(settings["Connections__Portal__PasswordFile"]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<DemoOptions?> ParseAsync(params string[] words)
    {
        DemoOptions? seen = null;
        var parsed = DemoOptions.Command((options, _) =>
        {
            seen = options;
            return Task.FromResult(0);
        }).Parse(words);
        parsed.InvocationConfiguration.Output = parsed.InvocationConfiguration.Error = TextWriter.Null;
        await parsed.InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
        return seen;
    }
}

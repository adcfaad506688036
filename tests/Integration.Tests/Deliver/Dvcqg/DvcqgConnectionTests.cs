using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Xunit;

namespace Integration.Tests.Deliver.Dvcqg;

public sealed class DvcqgConnectionTests
{
    [Fact]
    public void Everything_wrong_is_told_at_once_in_both_languages_and_without_values()
    {
        var faults = FaultsOf(
            ("Url", "http://tinh:matkhau@portal.example/x?y=1"), ("Pasword", "lộ"), ("Timeout", "60"), ("MaxConcurrency", "many"), ("RequestsPerSecond", "-1"),
            ("Shape", "letter"), ("DataPath", "https://elsewhere.example/"), ("Circuit:Breaks", "1s"), ("Headers:Content-Type", "x"), ("CaFile", "/nowhere.pem"), ("AllowPlainHttp", "perhaps"));
        string[] expected =
        [
            "Connections:Portal:Url must not hold a user name", "Connections:Portal:Url must not have a ?", "Connections:Portal:Url uses plain http", "Connections:Portal:AllowPlainHttp must be true or false",
            "Connections:Portal:Timeout must be a duration", "Connections:Portal:MaxConcurrency must be a number", "Connections:Portal:RequestsPerSecond must be from 0",
            "Connections:Portal:Shape must be one of: Envelope, Relay", "Connections:Portal:DataPath must be a path", "Connections:Portal:Circuit:Breaks is not a setting",
            "Connections:Portal:Headers:Content-Type is not a header", "Connections:Portal:CaFile: no PEM", "Connections:Portal:Username is missing", "Connections:Portal:Unit is missing",
            "Exactly one of Connections:Portal:PasswordFile and Connections:Portal:Password", "Connections:Portal:Pasword is not a setting",
        ];
        Assert.All(expected, e => Assert.Contains(faults, f => f.En.StartsWith(e, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, faults.Count);
        Assert.DoesNotContain(faults, f => f.En.Contains("matkhau", StringComparison.Ordinal) || f.En.Contains("lộ", StringComparison.Ordinal) || f.Vi == f.En);
    }

    [Theory]
    [InlineData("https://portal.example", null, true)]
    [InlineData("http://localhost:8080", null, true)]
    [InlineData("http://127.0.0.1:8080", null, true)]
    [InlineData("http://security-server.example:8080", null, false)]
    [InlineData("http://security-server.example:8080", "true", true)]
    [InlineData("ftp://portal.example", "true", false)]
    [InlineData("portal.example", null, false)]
    public void Plain_http_needs_a_word(string url, string? allow, bool isFine)
    {
        (string, string)[] settings = [("Url", url), ("Username", "u"), ("Password", "p"), ("Unit", "H60"), ("AllowPlainHttp", allow ?? "")];
        Assert.Equal(isFine, FaultsOf(settings).Count == 0);
    }

    [Fact]
    public void Passwords_are_given_once()
    {
        (string, string)[] rest = [("Url", "https://portal.example"), ("Username", "u"), ("Unit", "H60")];
        Assert.Single(FaultsOf(rest));
        Assert.Equal(2, FaultsOf([.. rest, ("Password", "p"), ("PasswordFile", "/nowhere")]).Count);
    }

    [Fact]
    public void A_relay_needs_no_account() => Assert.Empty(FaultsOf(("Url", "https://relay.example/base"), ("Shape", "relay"), ("Unit", "H60")));

    [Fact]
    public void A_path_is_joined_below_the_address()
    {
        var connection = DvcqgConnection.Read(PortalStub.Section(("Url", "https://relay.example/base/"), ("Shape", "relay"), ("Unit", "H60")));
        Assert.Equal("https://relay.example/base/forward/mapi/g?dstcode=VN:GOV:000.00.00.G22:x", connection.At("/forward/mapi/g?dstcode=VN:GOV:000.00.00.G22:x").ToString());
    }

    [Theory]
    [InlineData("mapi/g", true)]
    [InlineData("/XrdAdapter/RestService/forward/mapi/g?dstcode=VN:GOV:a&providerurl=https://b", true)]
    [InlineData("//elsewhere.example/x", false)]
    [InlineData("https://elsewhere.example/x", false)]
    [InlineData("a/../b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a b", false)]
    public void A_path_stays_below_the_address(string path, bool isPath) => Assert.Equal(isPath, DvcqgConnection.IsPath(path));

    private static IReadOnlyList<Integration.Records.Text> FaultsOf(params (string, string)[] settings)
    {
        try
        {
            DvcqgConnection.Read(PortalStub.Section(settings));
            return [];
        }
        catch (SettingsException e)
        {
            return e.Faults;
        }
    }
}

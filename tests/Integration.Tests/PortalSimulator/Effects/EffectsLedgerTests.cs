using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PortalSimulator.Effects;
using Xunit;

namespace Integration.Tests.PortalSimulator.Effects;

public sealed class EffectsLedgerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("effects-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 5, 1, 2, 3, 456, TimeSpan.Zero));

    private string FilePath => Path.Combine(_folder.FullName, "effects.ndjson");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_is_appended_is_read_back_byte_by_byte()
    {
        using var ledger = Open();
        var raw = "{ \"a\":\t\"Ủy ban \\u1ea5 \U0001F600 \uFEFF\\\"\",\r\n\"b\":[1,  2]\n}";
        ledger.Append([New("HS-1", raw), New("HS-2", "{}")]);

        var first = ledger.Read(0);

        Assert.Equal(raw, first.Raw);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(raw))), first.Sha256);
        Assert.Equal(("HS-1", "create", 1L, new DateTime(2026, 1, 5, 1, 2, 3, 456, DateTimeKind.Utc)), (first.Key, first.Kind, first.Seq, first.Time));
        Assert.Equal(2, ledger.Read(1).Seq);
    }

    [Fact]
    public void It_goes_on_where_it_stopped()
    {
        using (var ledger = Open())
        {
            ledger.Append([New("HS-1", "{}"), New("HS-2", "{}")]);
        }

        var known = new List<Effect>();
        using var again = Open(known);
        again.Append([New("HS-3", "{}")]);

        Assert.Equal(["HS-1", "HS-2"], known.Select(e => e.Key));
        Assert.Equal((3L, "HS-3"), (again.Read(2).Seq, again.Read(2).Key));
        Assert.Equal("HS-1", again.Read(0).Key);
    }

    [Theory]
    [InlineData("{\"seq\":2,\"ti")]
    [InlineData("x")]
    [InlineData("{\"seq\":2,\"time\":\"2026-01-05T01:02:03.456Z\",\"service\":\"s\",\"key\":\"k\",\"kind\":\"create\",\"sha256\":\"00\",\"raw\":\"{}\"}")]
    public void A_torn_last_line_is_dropped(string torn)
    {
        using (var ledger = Open())
        {
            ledger.Append([New("HS-1", "{}")]);
        }

        File.AppendAllText(FilePath, torn);
        using (var again = Open())
        {
            Assert.Equal(1, again.Count);
            again.Append([New("HS-2", "{}")]);
        }

        using var third = Open();
        Assert.Equal(["HS-1", "HS-2"], [third.Read(0).Key, third.Read(1).Key]);
    }

    [Theory]
    [InlineData("{\"seq\":1}\n")]
    [InlineData("nonsense\n")]
    [InlineData("\n")]
    public void A_damaged_line_elsewhere_is_told_with_its_number(string damaged)
    {
        using (var ledger = Open())
        {
            ledger.Append([New("HS-1", "{}")]);
        }

        File.AppendAllText(FilePath, damaged);

        Assert.Contains("line 2", Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_in_the_numbers_is_damage()
    {
        using (var ledger = Open())
        {
            ledger.Append([New("HS-1", "{}"), New("HS-2", "{}"), New("HS-3", "{}")]);
        }

        var lines = File.ReadAllLines(FilePath);
        File.WriteAllText(FilePath, $"{lines[0]}\n{lines[2]}\n");

        Assert.Contains("line 2", Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_larger_than_a_reading_are_loaded_whole()
    {
        var large = $"{{\"a\":\"{new string('x', 3_000_000)}\"}}";
        using (var ledger = Open())
        {
            ledger.Append([New("HS-1", large), New("HS-2", "{}")]);
        }

        using var again = Open();

        Assert.Equal(large, again.Read(0).Raw);
        Assert.Equal("HS-2", again.Read(1).Key);
    }

    [Fact]
    public void A_window_covers_whole_lines()
    {
        using var ledger = Open();
        ledger.Append([New("HS-1", "{}"), New("HS-2", "{}"), New("HS-3", "{}")]);

        Assert.Equal(["HS-2"], Keys(1, 1));
        Assert.Equal(["HS-1", "HS-2", "HS-3"], Keys(0, long.MaxValue));
        Assert.Equal(["HS-3"], Keys(2, long.MaxValue));
        Assert.Empty(Keys(3, 10));
        Assert.Empty(Keys(99, 10));
        Assert.Empty(Keys(0, 0));

        List<string> Keys(long after, long limit)
        {
            var (start, end) = ledger.Range(after, limit);
            var bytes = new byte[end - start];
            Assert.Equal(bytes.Length, ledger.ReadBytes(bytes, start));
            return [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Effect.Parse(Encoding.UTF8.GetBytes(l)).Key)];
        }
    }

    private static NewEffect New(string key, string raw)
    {
        var bytes = Encoding.UTF8.GetBytes(raw);
        return new NewEffect("DongBoHoSoMC", key, "create", SHA256.HashData(bytes), bytes);
    }

    private EffectsLedger Open(List<Effect>? known = null) => EffectsLedger.Open(_folder.FullName, _clock, e => known?.Add(e));
}

using System.Text;
using Integration.Pipelines;
using Integration.Tests.Map;
using Xunit;

namespace Integration.Tests.Pipelines;

public sealed class RowKeyTests
{
    [Theory]
    [InlineData("H60.02-250715-00000001", "H60.02-250715-00000001")]
    [InlineData("Hồ sơ", "Hồ sơ")]
    [InlineData(" \u00A0a\t", "a")]
    [InlineData("\u00A0a", "a")]
    [InlineData("a\"b\\", "a\"b\\")]
    [InlineData("😀", "😀")]
    [InlineData("a\uFFFD", "a\uFFFD")]
    [InlineData("", null)]
    [InlineData(" \u2003", null)]
    public void A_text_is_a_key_without_the_white_space_around_it(string cell, string? key) => Assert.Equal(key, Of(cell));

    [Fact]
    public void Half_a_surrogate_pair_is_no_part_of_a_key() => Assert.All((string[])["a\uD800", "\uFFFD\uDC00", "\uDC00\uD800"], static cell => Assert.Null(Of(cell)));

    [Fact]
    public void A_decomposed_key_is_its_composed_twin() => Assert.Equal("Hồ sơ|Ứng Hòa", Of("Hồ sơ".Normalize(NormalizationForm.FormD), "Ứng Hòa".Normalize(NormalizationForm.FormD)));

    [Fact]
    public void Parts_are_joined_and_each_must_be_there()
    {
        Assert.Equal("a|7|1|2.50|2025-07-02|2025-07-02T08:00:00.5", Of(" a ", 7, true, 2.50m, new DateOnly(2025, 7, 2), new DateTime(2025, 7, 2, 8, 0, 0, 500)));
        Assert.Null(Of("a", null));
        Assert.Null(Of("a", " "));
        Assert.Null(Of("a", new Unreadable("year 10000")));
    }

    private static string? Of(params object?[] cells)
    {
        var page = MapRig.Page([.. cells.Select(static (c, i) => ($"c{i}", c))]);
        return RowKey.Of(page, 0, [.. Enumerable.Range(0, cells.Length)]);
    }
}

using Integration.Pipelines.Definitions;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Pipelines.Definitions;

public sealed class SampleCheckTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("\"GhiChu\": \"x\"", "\"GhiChu\": \"y\"", "GhiChu: the sample expects 'y', the map gives 'x'")]
    [InlineData("\"ChuHoSo\": \"An Mẫu\"", "\"ChuHoSo\": \"Bình Mẫu\"", "ChuHoSo: the sample expects B***, the map gives A***")]
    [InlineData("\"Loai\": \"1\"", "\"Loai\": 1", "Loai: the sample expects 1, the map gives '1'")]
    [InlineData("\"Loai\": \"1\", ", "", "Loai: the map gives this field, the sample does not have it")]
    [InlineData("\"Loai\": \"1\", ", "\"Loai\": \"1\", \"Them\": \"\", ", "Them: the sample has this field, the map does not give it")]
    [InlineData("\"Gia\": \"5\"", "\"Gia\": \"6\"", "Le[0].Gia: the sample expects '6', the map gives '5'")]
    [InlineData("[ { \"amount\": 5 } ]", "[]", "Le: the sample expects 1 entries, the map gives 0")]
    [InlineData("\"Ten\": \"An\"", "\"Ten\": \"Anh\"", "Nguoi.Ten: the sample expects 'Anh', the map gives 'An'")]
    [InlineData("\"status\": \"a\"", "\"status\": \"q\"", "was refused (lookup-missing)")]
    [InlineData("\"note\": ", "\"noet\": ", "the map does not read 'noet'; did you mean 'note'?")]
    [InlineData("\"amount\": ", "\"amuont\": ", "the map does not read 'amuont'; did you mean 'amount'?")]
    [InlineData("\"fees\": ", "\"fee\": ", "the map does not read 'fee'; did you mean 'fees'?")]
    [InlineData("\"expected\": {", "\"expcted\": {", "'expcted' is not known in a sample; did you mean 'expected'?")]
    [InlineData("\"id\": \"H1\"", "\"id\": {}", "'in' is no row of a source")]
    [InlineData("\"in\": {", "\"in\": [", "the sample is not valid JSON")]
    public void What_comes_out_differently_is_told_by_sample_and_field(string find, string replace, string message)
    {
        _bench.Write("things/samples/plain.json", Bench.Spoilt(Bench.Sample, find, replace));

        var faults = Check();

        Assert.All(faults, f => Assert.Equal("things/samples/plain.json", f.At.File));
        Assert.True(faults.Any(f => f.What.En.Contains(message, StringComparison.Ordinal)), string.Join('\n', faults.Select(f => f.What.En)));
    }

    [Theory]
    [InlineData("""[ { "rule": "lookup-missing", "field": "TrangThai" } ]""", "q", null)]
    [InlineData("""[ { "rule": "lookup-missing", "field": "GhiChu" } ]""", "q", "should be refused for lookup-missing at GhiChu, and is not")]
    [InlineData("""[ { "rule": "too-long", "field": "TrangThai" } ]""", "q", "is refused for lookup-missing at TrangThai, which the sample does not say")]
    [InlineData("""[ { "rule": "lookup-mising", "field": "TrangThai" } ]""", "q", "there is no rule 'lookup-mising'; did you mean 'lookup-missing'?")]
    [InlineData("""[ { "rule": "lookup-missing", "field": "TrangThai" } ]""", "a", "should be refused for lookup-missing at TrangThai, and is not")]
    [InlineData("[]", "q", "'rejected' must be a list of { rule, field }")]
    [InlineData("{}", "q", "'rejected' must be a list of { rule, field }")]
    public void A_sample_may_expect_a_refusal(string rejected, string status, string? message)
    {
        _bench.Write("things/samples/plain.json", $$"""
            { "in": { "id": "H1", "status": "{{status}}", "at": "2025-07-02" }, "rejected": {{rejected}} }
            """);

        var faults = Check().Select(f => f.What.En).ToList();

        if (message is null)
        {
            Assert.Empty(faults);
        }
        else
        {
            Assert.Contains(message, faults);
        }
    }

    [Fact]
    public void Breaches_of_the_contract_count_as_refusals()
    {
        _bench.Write("things/contract.schema.json", Bench.Spoilt(Bench.Contract, "\"GhiChu\": { \"type\": \"string\" }", "\"GhiChu\": { \"type\": \"string\", \"enum\": [\"z\"] }"));

        Assert.Contains(Check(), f => f.What.En.StartsWith("was refused (not-allowed)", StringComparison.Ordinal));
    }

    private IReadOnlyList<Fault> Check() => SampleCheck.Run(Assert.Single(_bench.Load().Pipelines));
}

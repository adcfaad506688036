using System.Text;
using CsCheck;
using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Integration.Tests.Deliver.Dvcqg;

/// <summary>An answer is understood by the one pass over its bytes exactly as by the tree of it, and what that does not understand, this does not.</summary>
public sealed class AnswerReaderTests
{
    [Theory]
    [InlineData(nameof(DvcqgShape.Envelope))]
    [InlineData(nameof(DvcqgShape.Relay))]
    public void Both_readings_understand_every_answer_alike(string shape)
    {
        var (answers, streamed, spoken) = (0, 0, 0);
        Gen.Int.Sample(
            seed =>
            {
                var odd = new OddAnswers(new Random(seed));
                var (both, batch, options, reply) = (new BothReadings(odd.Options(), shape), odd.Batch(), odd.LastOptions, odd.Reply(shape));
                var (read, outcomes) = both.Compare(reply, batch, options);
                Interlocked.Increment(ref answers);
                Interlocked.Add(ref streamed, read.Result is { Tree: null } ? 1 : 0);
                Interlocked.Add(ref spoken, outcomes is not null && read.Result is { Tree: null } ? 1 : 0);
            },
            iter: 4_000);

        // Else nothing was compared.
        Assert.True(streamed > answers / 20 && spoken > answers / 40, $"{answers} {streamed} {spoken}");
    }

    [Theory]
    [InlineData("""{"error_code":0,"message":"","result":[{"MaHoSo":"A","error_code":0,"x":{"a":1,"b":[1,2.5,null]}}]}""", true)]
    [InlineData("""{"error_code":0,"message":"Th\u00e0nh c\u00f4ng","result":[{"MaHoSo":"A","error_code":"0","message":"\u0110\u01b0\u1ee3c"}]}""", true)]
    [InlineData("""{"error_code":0,"result":[{"MaHoSo":"A","error_code":0,"x":{"a":1,"a":1}}]}""", false)]
    [InlineData("""{"error_code":0,"result":[{"MaHoSo":"A","error_code":0,"x":[{"\u0061":1,"a":1}]}]}""", false)]
    [InlineData("""{"error_code":0,"result":[{"MaHoSo":"A","MAHOSO":"B","error_code":0}]}""", false)]
    [InlineData("""{"error_code":0,"result":[{"MaHoSo":"A","error_code":1e0}]}""", false)]
    [InlineData("""{"error_code":0,"result":[{"MaHoSo":"A","x":1e999}]}""", false)]
    [InlineData("""{"error_code":0,"result":[{"MaHoSo":"\ud800","error_code":0}]}""", false)]
    [InlineData("""{"error_code":0,"result":[]}{}""", false)]
    [InlineData("""{"error_code":0,"result":[]""", false)]
    [InlineData("""{"error_code":0,"result":[],}""", false)]
    [InlineData("""{"error_code":0/**/,"result":[]}""", false)]
    [InlineData("{'error_code':0}", false)]
    public void What_is_unusual_is_left_to_the_tree(string body, bool streamed) =>
        Assert.Equal(streamed, AnswerReader.Read(Encoding.UTF8.GetBytes(body), new EntryFields(["MaHoSo"], "id")) is not null);

    [Fact]
    public void An_answer_of_a_full_call_is_read_without_a_tree()
    {
        var keys = Enumerable.Range(0, 1000).Select(i => $"000.00.00.H60-251101-{i:D6}").ToArray();
        var body = $$"""{"error_code":"0","message":"Thanh cong","result":[{{string.Join(',', keys.Reverse().Select(k => $$"""{"MaHoSo":"{{k}}","error_code":"0"}"""))}}]}""";
        var options = new DvcqgOptions { Connection = "Portal", Service = "X" };
        var (read, outcomes) = new BothReadings(options, nameof(DvcqgShape.Envelope)).Compare(
            new HttpReply(HttpEnd.Answered) { Status = 200, Body = Encoding.UTF8.GetBytes(body) }, PortalStub.Batch(keys), options);
        Assert.Null(read.Result!.Tree);
        Assert.All(outcomes!, o => Assert.Equal((Verdict.Accepted, "0"), (o.Verdict, o.Code)));
    }

    private sealed class BothReadings
    {
        private readonly CodeBook _codes = new([new("7", CodeMeaning.TryLater), new("-4", CodeMeaning.NotThere)]);
        private readonly EntryFields _fields;
        private readonly ReplyReader _streamed;
        private readonly ReplyReader _tree;

        public BothReadings(DvcqgOptions options, string shape)
        {
            var connection = DvcqgConnection.Read(PortalStub.Section(("Url", "http://127.0.0.1"), ("Username", "u"), ("Password", "p"), ("Unit", "H60"), ("Shape", shape)));
            _fields = new EntryFields(options.RecordKey, options.Receipt);
            _streamed = new ReplyReader(connection, "Portal", "X", _codes, TimeProvider.System, NullLogger.Instance, _fields);
            _tree = new ReplyReader(connection, "Portal", "X", _codes, TimeProvider.System, NullLogger.Instance);
        }

        public (PortalReply Read, RecordOutcome[]? Outcomes) Compare(HttpReply reply, DeliveryBatch batch, DvcqgOptions options)
        {
            var (read, expected) = (_streamed.Read(reply, default), _tree.Read(reply, default));
            Assert.Equal(expected with { Result = null }, read with { Result = null });
            Assert.Equal((expected.Result is null, expected.Result?.HasValues), (read.Result is null, read.Result?.HasValues));
            var (outcomes, strangers) = ResultList.Match(read, batch, _fields, _codes);
            Assert.Equal(ResultTree.Match(expected, batch, options, _codes), (outcomes, strangers), SameOutcomes);
            Assert.Equal(ResultList.Match(expected, batch, _fields, _codes), (outcomes, strangers), SameOutcomes);
            return (read, outcomes);
        }

        private static bool SameOutcomes((RecordOutcome[]? Outcomes, int Strangers) a, (RecordOutcome[]? Outcomes, int Strangers) b) =>
            a.Strangers == b.Strangers && (a.Outcomes is null ? b.Outcomes is null : b.Outcomes is not null && a.Outcomes.SequenceEqual(b.Outcomes));
    }
}

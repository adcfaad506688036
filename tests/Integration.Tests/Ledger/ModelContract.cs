using System.Text;
using CsCheck;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Random lives of a few records, against a receiver that remembers what really reached it.</summary>
public abstract class ModelContract : LedgerContract
{
    private const int KeyCount = 5;

    private int _pipelines;

    protected abstract int Lives { get; }

    [Fact]
    public async Task Whatever_happens_the_receiver_ends_with_what_the_source_says() => await Gen.Select(Gen.Int[0, 13], Gen.Int[0, KeyCount - 1], Gen.Int[0, 2], Gen.Bool)
        .Array[5, 60].SampleAsync(LiveAsync, iter: Lives, threads: 1);

    private async Task LiveAsync((int What, int Key, int Content, bool Applied)[] life)
    {
        var pipeline = $"p{Interlocked.Increment(ref _pipelines)}";
        var (source, receiver, claims) = (new Dictionary<string, string>(), new Dictionary<string, string>(), new List<Claim>());
        foreach (var (what, key, content, applied) in life)
        {
            await StepAsync(pipeline, source, receiver, claims, what, $"k{key}", content, applied);
            await CheckAsync(pipeline);
        }

        await SettleAllAsync(pipeline, receiver, claims);
        for (var i = 0; i < KeyCount; i++)
        {
            var newest = (await Ledger.ReadHistoryAsync(pipeline, $"k{i}", Cancelled)).SingleOrDefault(static v => v.Newest);
            if (newest is { State: RecordState.Quarantined })
            {
                continue;
            }

            Assert.Equal(source.GetValueOrDefault($"k{i}"), receiver.GetValueOrDefault($"k{i}"));
            Assert.Contains(newest?.State, new RecordState?[] { null, RecordState.Acknowledged });
        }
    }

    private async Task StepAsync(
        string pipeline, Dictionary<string, string> source, Dictionary<string, string> receiver, List<Claim> claims, int what, string key, int content, bool applied)
    {
        switch (what)
        {
            case <= 3:
                source[key] = $"c{content}";
                await CommitToAsync(pipeline, Slice(Put(key, source[key])));
                break;
            case 4:
                source.Remove(key);
                await CommitToAsync(pipeline, Slice(Gone(key)));
                break;
            case 5:
                source[key] = "refused";
                await CommitToAsync(pipeline, Slice(Reject(key, $"raw {content}")));
                break;
            case <= 8:
                if (await ClaimAsync(pipeline, most: 1 + content) is { } ready)
                {
                    Assert.All(ready.Versions, v => Assert.Equal(receiver.ContainsKey(v.Key), ready.Exists));
                    claims.Add(ready);
                }

                break;
            case 9:
                if (await ClaimAsync(pipeline, ClaimKind.Unknown, most: 2) is { } unknown)
                {
                    claims.Add(unknown);
                }

                break;
            case 10:
                // A worker died; what it held had arrived or not.
                claims.Where(c => c.What == ClaimKind.Ready && applied).ToList().ForEach(c => Arrive(c, receiver));
                claims.Clear();
                await Store.AdvanceAsync(2 * Minute);
                await Ledger.UpkeepAsync(Cancelled);
                break;
            default:
                if (claims.Count > 0)
                {
                    await AnswerAsync(claims[0], receiver, (content, applied));
                    claims.RemoveAt(0);
                }

                break;
        }
    }

    private async Task AnswerAsync(Claim claim, Dictionary<string, string> receiver, (int Content, bool Applied) chance)
    {
        if (claim.What == ClaimKind.Unknown)
        {
            // The receiver is asked, and tells the truth.
            await SettleAsync(claim, v => new Settlement(v.Version, Holds(claim, v, receiver) ? Next.Acknowledge : Next.Retry, "0", ""));
            return;
        }

        switch (chance)
        {
            case (0, true):
                await Ledger.ReturnAsync(claim, [.. claim.Versions.Select(static v => v.Version)], Cancelled);
                break;
            case (0, false):
                await SettleAsync(claim, Next.Refuse);
                break;
            case (1, _):
                if (chance.Applied)
                {
                    Arrive(claim, receiver);
                }

                await SettleAsync(claim, Next.Unknown);
                break;
            default:
                Arrive(claim, receiver);
                await SettleAsync(claim, Next.Acknowledge);
                break;
        }
    }

    private static void Arrive(Claim claim, Dictionary<string, string> receiver)
    {
        foreach (var version in claim.Versions)
        {
            if (claim.Kind == EntryKind.Withdraw)
            {
                receiver.Remove(version.Key);
            }
            else
            {
                receiver[version.Key] = Encoding.UTF8.GetString(version.Payload.Span);
            }
        }
    }

    private static bool Holds(Claim claim, ClaimedVersion version, Dictionary<string, string> receiver) => claim.Kind == EntryKind.Withdraw
        ? !receiver.ContainsKey(version.Key)
        : receiver.GetValueOrDefault(version.Key) == Encoding.UTF8.GetString(version.Payload.Span);

    private async Task SettleAllAsync(string pipeline, Dictionary<string, string> receiver, List<Claim> claims)
    {
        foreach (var claim in claims)
        {
            await AnswerAsync(claim, receiver, (2, true));
        }

        while (true)
        {
            if (await ClaimAsync(pipeline, ClaimKind.Unknown) is { } unknown)
            {
                await AnswerAsync(unknown, receiver, default);
            }
            else if (await ClaimAsync(pipeline) is { } ready)
            {
                Assert.All(ready.Versions, v => Assert.Equal(receiver.ContainsKey(v.Key), ready.Exists));
                await AnswerAsync(ready, receiver, (2, true));
            }
            else
            {
                return;
            }
        }
    }

    private async Task CheckAsync(string pipeline)
    {
        var versions = new List<VersionHistory>();
        for (var i = 0; i < KeyCount; i++)
        {
            var history = await Ledger.ReadHistoryAsync(pipeline, $"k{i}", Cancelled);
            versions.AddRange(history);
            Assert.True(history.Count(static v => v.State is RecordState.Leased or RecordState.Unknown) <= 1, "two versions of a key are in flight");
            Assert.True(history.Count(static v => v.Newest) <= 1, "two versions of a key are the newest");
            Assert.All(history, static v => Assert.True(v.Newest || v.State is not (RecordState.Ready or RecordState.Waiting or RecordState.Quarantined), $"{v.State} and not the newest"));
        }

        var status = (await Ledger.ReadStatusAsync(Cancelled)).SingleOrDefault(s => s.Pipeline == pipeline);
        Assert.Equal(
            versions.GroupBy(static v => v.State).Select(static g => (g.Key, (long)g.Count())).Order(),
            (status?.States ?? new Dictionary<RecordState, long>()).Select(static s => (s.Key, s.Value)).Order());
        Assert.Equal(versions.Count(static v => v.NeedsPerson), status?.WaitingForPerson ?? 0);
        Assert.Equal(versions.Where(static v => v is { State: RecordState.Ready, NotBefore: null }).Min(static v => (DateTimeOffset?)v.Extracted), status?.OldestReady);
    }
}

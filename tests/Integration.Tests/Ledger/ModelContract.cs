using System.Text;
using CsCheck;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>
/// Random lives of a few records, against a receiver that remembers what really reached it, and against a model of what the ledger must hold:
/// after every step all that can be read is what the model says, wherever the ledger keeps it.
/// </summary>
public abstract class ModelContract : LedgerContract
{
    private const int KeyCount = 6;

    private static readonly string[] s_keys = [.. Enumerable.Range(0, KeyCount).Select(static i => $"k{i}")];

    private int _pipelines;
    private string _pipeline = "";
    private LedgerModel _model = new();
    private Dictionary<string, string> _source = [];
    private Dictionary<string, string> _receiver = [];
    private List<Claim> _claims = [];

    protected abstract int Lives { get; }

    [Fact]
    public async Task Whatever_happens_the_receiver_ends_with_what_the_source_says() => await Gen.Select(Gen.Int[0, 23], Gen.Int[0, KeyCount - 1], Gen.Int[0, 2], Gen.Bool)
        .Array[5, 50].SampleAsync(LiveAsync, iter: Lives, threads: 1);

    private async Task LiveAsync((int What, int Key, int Content, bool Chance)[] life)
    {
        _pipeline = $"p{++_pipelines}";
        (_model, _source, _receiver, _claims) = (new(), [], [], []);
        foreach (var (what, key, content, chance) in life)
        {
            await StepAsync(what, key, content, chance);
            await CheckAsync();
        }

        await SettleAllAsync();
        await CheckAsync(all: true);
        foreach (var key in s_keys.Where(k => !_model.Of(k).Any(static v => v.Damaged)))
        {
            var newest = _model.NewestOf(key);
            if (newest is not { State: RecordState.Quarantined })
            {
                Assert.Equal(_source.GetValueOrDefault(key), _receiver.GetValueOrDefault(key));
                Assert.Contains(newest?.State, new RecordState?[] { null, RecordState.Acknowledged });
            }
        }
    }

    // ---- steps ----

    private async Task StepAsync(int what, int key, int content, bool chance)
    {
        switch (what)
        {
            case <= 2:
                await PutAsync([key], content);
                break;
            case <= 4:
                // Keys that rise are kept in another form than keys that do not.
                await PutAsync(chance ? Enumerable.Range(0, KeyCount) : Enumerable.Range(0, KeyCount).Reverse(), content);
                break;
            case 5:
                await PutAsync(Enumerable.Range(0, KeyCount).Where(i => (i + key) % 3 != 0), content);
                break;
            case 6:
                _source.Remove(s_keys[key]);
                _model.Commit(EntryKind.Withdraw, s_keys[key], "", ContentHash.Of([]));
                await CommitToAsync(_pipeline, Slice(Gone(s_keys[key])));
                break;
            case 7:
                _source[s_keys[key]] = "refused";
                _model.Commit(EntryKind.Reject, s_keys[key], $"raw {content}", ContentHash.Of(Encoding.UTF8.GetBytes($"raw {content}")));
                await CommitToAsync(_pipeline, Slice(Reject(s_keys[key], $"raw {content}")));
                break;
            case <= 12:
                await TakeAsync(ClaimKind.Ready, content == 0 && chance ? 1 : content == 1 && chance ? 4 : 1000);
                break;
            case 13:
                await TakeAsync(ClaimKind.Unknown, 2);
                break;
            case 14:
                await ExpireAsync(arrived: chance);
                break;
            case 15:
                await SweepAsync();
                break;
            case 16 when content == 0:
                await DamageAsync(s_keys[key]);
                break;
            default:
                if (_claims.Count > 0)
                {
                    var claim = _claims[0];
                    _claims.RemoveAt(0);
                    await AnswerAsync(claim, what, chance);
                }

                break;
        }
    }

    private async Task PutAsync(IEnumerable<int> keys, int content)
    {
        var items = keys.Select(k => Put(s_keys[k], $"{_pipeline}.{s_keys[k]}.c{content};")).ToArray();
        foreach (var item in items)
        {
            _source[item.Key] = item.Bytes;
            _model.Commit(EntryKind.Put, item.Key, item.Bytes, ContentHash.Of(Encoding.UTF8.GetBytes(item.Bytes)));
        }

        // What is known is passed over: the model knows nothing of that, since it must make no difference.
        var known = await Ledger.ReadKnownRowsAsync(_pipeline, [.. items.Select(static i => new SourceRow(i.Key, RowOf(i.Bytes)))], Cancelled);
        var slice = MadeFrom(Slice([.. items.Where((_, n) => !known[n])]), e => RowOf(items.Single(i => i.Key == e.Key).Bytes));
        slice.PassedOver = known.Count(static k => k);
        Assert.Equal(items.Length, (await CommitToAsync(_pipeline, slice)).Extracted);
    }

    private static Guid RowOf(string content) => new(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 16));

    private async Task<Claim?> TakeAsync(ClaimKind what, int most)
    {
        var claim = await ClaimAsync(_pipeline, what, most);
        foreach (var version in claim?.Versions ?? [])
        {
            var held = _model[version];
            Assert.Equal(what == ClaimKind.Ready ? RecordState.Ready : RecordState.Unknown, held.State);
            Assert.False(held.Damaged);
            Assert.Equal((held.Exists, held.Kind, held.Attempts), (claim!.Exists, claim.Kind, version.Attempts));
            Assert.Equal(held.Payload, Encoding.UTF8.GetString(version.Payload.Span));
        }

        if (claim is { What: ClaimKind.Ready })
        {
            Assert.All(claim.Versions, v => Assert.Equal(_receiver.ContainsKey(v.Key), claim.Exists));
        }

        if (claim is not null)
        {
            _model.Lease(claim);
            _claims.Add(claim);
        }

        await ReadDamagedAsync();
        return claim;
    }

    // A worker died; what it held had arrived or not.
    private async Task ExpireAsync(bool arrived)
    {
        foreach (var claim in _claims.Where(c => c.What == ClaimKind.Ready && arrived))
        {
            Arrive(claim, [.. claim.Versions.Where(v => _model[v] is { State: RecordState.Leased } held && held.Token == claim.Token)]);
        }

        await Store.AdvanceAsync(2 * Minute);
        await Ledger.UpkeepAsync(Cancelled);
        _model.Expire();
        foreach (var late in _claims)
        {
            // It was only slow, and nothing that it says counts any more.
            await SettleEachAsync(late, late.Versions, static _ => Next.Refuse);
        }

        _claims.Clear();
    }

    private async Task SweepAsync()
    {
        await using var sweep = await Ledger.BeginSweepAsync(_pipeline, Cancelled);
        await sweep.SeeAsync([.. s_keys.Where((k, i) => i % 2 == 0)], Cancelled);
        var there = s_keys.Where(k => _model.NewestOf(k) is { Kind: not EntryKind.Withdraw }).ToArray();
        string[] missing = [.. there.Where(k => Array.IndexOf(s_keys, k) % 2 == 1)];
        Assert.Equal(new SweepCounts(there.Length, missing.Length), await sweep.CountAsync(Cancelled));
        var told = new List<string>();
        await foreach (var page in sweep.ReadMissingAsync(2, Cancelled))
        {
            told.AddRange(page);
        }

        Assert.Equal(missing, told.Order(StringComparer.Ordinal));
    }

    private async Task DamageAsync(string key)
    {
        if (_model.NewestOf(key) is not { Kind: EntryKind.Put } held)
        {
            return;
        }

        await Store.DamageAsync(held.Payload);
        await RestartAsync();
        foreach (var same in _model.Of(key).Where(v => v.Payload == held.Payload))
        {
            same.Damaged = true;
        }
    }

    // When damage is found is not of interest; what becomes of it is.
    private async Task ReadDamagedAsync()
    {
        foreach (var held in _model.Versions.Where(static v => v is { Damaged: true, State: RecordState.Ready or RecordState.Unknown }))
        {
            var stored = (await Ledger.ReadHistoryAsync(_pipeline, held.Key, Cancelled)).Single(v => v.Version == held.Version);
            if (held.State == RecordState.Ready && stored.State == RecordState.Quarantined)
            {
                held.State = RecordState.Quarantined;
            }

            held.NeedsPerson = held.State == RecordState.Unknown && stored.NeedsPerson;
        }
    }

    // ---- answers ----

    private async Task AnswerAsync(Claim claim, int how, bool chance)
    {
        if (claim.What == ClaimKind.Unknown)
        {
            // The receiver is asked, and tells the truth.
            await SettleEachAsync(claim, claim.Versions, v => Holds(claim, v) ? Next.Acknowledge : Next.Retry);
            return;
        }

        var (some, rest) = (claim.Versions.Take((claim.Versions.Count + 1) / 2).ToArray(), claim.Versions.Skip((claim.Versions.Count + 1) / 2).ToArray());
        switch (how)
        {
            case 17:
                await ReturnAsync(claim, claim.Versions);
                break;
            case 18:
                await SettleEachAsync(claim, claim.Versions, static _ => Next.Refuse);
                break;
            case 19:
                if (chance)
                {
                    Arrive(claim, claim.Versions);
                }

                await SettleEachAsync(claim, claim.Versions, static _ => Next.Unknown);
                break;
            case 20 when rest.Length > 0:
                Arrive(claim, some);
                await SettleEachAsync(claim, some, static _ => Next.Acknowledge);
                await (chance ? ReturnAsync(claim, rest) : SettleEachAsync(claim, rest, static _ => Next.Retry));
                break;
            case 21 when rest.Length > 0:
                // The rest stays leased.
                Arrive(claim, some);
                await SettleEachAsync(claim, some, static _ => Next.Acknowledge, receipts: chance);
                _claims.Add(claim with { Versions = rest });
                break;
            case 22 when rest.Length > 0:
                await ReturnAsync(claim, some);
                _claims.Add(claim with { Versions = rest });
                break;
            default:
                Arrive(claim, claim.Versions);
                await SettleEachAsync(claim, claim.Versions, static _ => Next.Acknowledge, receipts: chance);
                break;
        }
    }

    private async Task ReturnAsync(Claim claim, IReadOnlyList<ClaimedVersion> versions)
    {
        await Ledger.ReturnAsync(claim, [.. versions.Select(static v => v.Version)], Cancelled);
        foreach (var version in versions)
        {
            _model.Return(claim, version);
        }
    }

    private async Task SettleEachAsync(Claim claim, IReadOnlyList<ClaimedVersion> versions, Func<ClaimedVersion, Next> next, bool receipts = false)
    {
        var settlements = versions.Select((v, n) => new Settlement(v.Version, next(v), "0", "", Receipt: receipts && n % 2 == 0 ? $"R-{v.Key}" : null)).ToArray();
        var counts = await Ledger.SettleAsync(claim, An(versions.Count), settlements, Cancelled);
        var late = versions.Zip(settlements).Count(s => !_model.Settle(claim, s.First, s.Second));
        Assert.Equal((versions.Count - late, late), (counts.Settled, counts.Late));
    }

    private void Arrive(Claim claim, IReadOnlyList<ClaimedVersion> versions)
    {
        foreach (var version in versions)
        {
            if (claim.Kind == EntryKind.Withdraw)
            {
                _receiver.Remove(version.Key);
            }
            else
            {
                _receiver[version.Key] = Encoding.UTF8.GetString(version.Payload.Span);
            }
        }
    }

    private bool Holds(Claim claim, ClaimedVersion version) => claim.Kind == EntryKind.Withdraw
        ? !_receiver.ContainsKey(version.Key)
        : _receiver.GetValueOrDefault(version.Key) == Encoding.UTF8.GetString(version.Payload.Span);

    private async Task SettleAllAsync()
    {
        foreach (var claim in _claims)
        {
            await AnswerAsync(claim, 23, chance: true);
        }

        _claims.Clear();

        // A look may find nothing but damage.
        for (var idle = 0; idle <= 2 * KeyCount;)
        {
            var claim = await TakeAsync(ClaimKind.Unknown, 1000) ?? await TakeAsync(ClaimKind.Ready, 1000);
            idle = claim is null ? idle + 1 : 0;
            if (claim is not null)
            {
                _claims.Clear();
                await AnswerAsync(claim, 23, chance: true);
            }
        }
    }

    // ---- what can be read ----

    /// <param name="all">Bytes of older versions too.</param>
    private async Task CheckAsync(bool all = false)
    {
        var due = new List<VersionHistory>();
        foreach (var key in s_keys)
        {
            var history = await Ledger.ReadHistoryAsync(_pipeline, key, Cancelled);
            due.AddRange(history.Where(static v => v is { State: RecordState.Ready, NotBefore: null }));
            var held = _model.Of(key);
            Assert.Equal(held.Select(static h => Line(h)), history.Select(static v => Line(v)));
            foreach (var (version, expected) in history.Zip(held))
            {
                Assert.True(expected.Version == 0 || expected.Version == version.Version, "a version has another number than before");
                expected.Version = version.Version;
                if (!expected.Damaged && (version.Newest || all))
                {
                    Assert.Equal(expected.Payload, Encoding.UTF8.GetString(await Ledger.ReadPayloadAsync(version.Version, Cancelled) ?? []));
                }
            }

            var acknowledged = held.FirstOrDefault(static h => h.State == RecordState.Acknowledged);
            if (acknowledged is not { Damaged: true })
            {
                Assert.Equal(
                    acknowledged is { Kind: EntryKind.Put } put ? put.Payload : null,
                    await Ledger.ReadAcknowledgedPayloadAsync(_pipeline, key, Cancelled) is { } bytes ? Encoding.UTF8.GetString(bytes) : null);
            }

            Assert.True(held.Count(static h => h.State is RecordState.Leased or RecordState.Unknown) <= 1, "two versions of a key are in flight");
        }

        var hashes = await Ledger.ReadNewestHashesAsync(_pipeline, s_keys, Cancelled);
        Assert.Equal(
            s_keys.Where(k => _model.NewestOf(k) is not null).Select(k => (k, _model.NewestOf(k)!.Hash)), hashes.Select(static h => (h.Key, h.Value)).OrderBy(static h => h.Key, StringComparer.Ordinal));
        var status = (await Ledger.ReadStatusAsync(Cancelled)).SingleOrDefault(s => s.Pipeline == _pipeline);
        Assert.Equal(
            _model.Versions.GroupBy(static v => v.State).Select(static g => (g.Key, (long)g.Count())).Order(),
            (status?.States ?? new Dictionary<RecordState, long>()).Select(static s => (s.Key, s.Value)).Order());
        Assert.Equal(_model.Versions.Count(static v => v.NeedsPerson), status?.WaitingForPerson ?? 0);
        Assert.Equal(due.Min(static v => (DateTimeOffset?)v.Extracted), status?.OldestReady);
    }

    private static string Line(LedgerModel.Held h) => $"{h.Kind} {h.State} newest={h.Newest} exists={h.Exists} {h.Hash} receipt={h.Receipt} attempts={h.Answers} person={h.NeedsPerson}";

    private static string Line(VersionHistory v) =>
        $"{v.Kind} {v.State} newest={v.Newest} exists={v.Exists} {v.Hash} receipt={v.Receipt} attempts={v.Attempts.Count} person={v.NeedsPerson}";
}

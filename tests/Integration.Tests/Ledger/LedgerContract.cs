using System.Buffers;
using System.Text;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>What every contract of the ledger starts from: an open ledger on an empty store, and the few steps all tests are made of.</summary>
public abstract class LedgerContract : IAsyncLifetime
{
    protected const string Dossiers = "dossiers";
    protected const string Steps = "steps";

    protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (Ticket Ticket, long Run)> _runs = [];

    protected LedgerStore Store { get; private set; } = null!;

    private protected ILedger Ledger { get; private set; } = null!;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected static Decision Operator { get; } = new("vận hành viên", "đã kiểm tra trên cổng");

    protected abstract Task<LedgerStore> CreateStoreAsync();

    public async ValueTask InitializeAsync()
    {
        Store = await CreateStoreAsync();
        Ledger = Store.Connect();
        await Ledger.OpenAsync(Cancelled);
    }

    /// <summary>Another process goes on with the ledger.</summary>
    protected async Task RestartAsync()
    {
        await Ledger.DisposeAsync();
        Ledger = Store.Connect();
        await Ledger.OpenAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever a test did, the tally must be what counting gives.
        Assert.Equal("", await Store.MiscountedAsync());
        await Ledger.DisposeAsync();
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The runs of a ledger that was given up for another.</summary>
    protected void Forget() => _runs.Clear();

    // ---- entries ----

    private protected static Item Put(string key, string payload, string? group = null, long order = 0, string? parent = null) =>
        new(key, EntryKind.Put, payload, group, order, parent, null);

    private protected static Item Reject(string key, string raw, params Rejection[] rejections) =>
        new(key, EntryKind.Reject, raw, null, 0, null, rejections.Length > 0 ? rejections : [new(Rules.LookupMissing.Code, "MaTTHC", "procedure_code", "9.999", "procedures")]);

    private protected static Item Gone(string key) => new(key, EntryKind.Withdraw, "", null, 0, null, null);

    private protected static Slice Slice(params Item[] items) => Slice(100, items);

    private protected static Slice Slice(int batch, params Item[] items)
    {
        var slice = new Slice { Batch = batch };
        foreach (var item in items)
        {
            var bytes = Encoding.UTF8.GetBytes(item.Bytes);
            var start = slice.Bytes.WrittenCount;
            slice.Bytes.Write(bytes);
            slice.Add(new SliceEntry
            {
                Key = item.Key,
                Kind = item.Kind,
                Hash = ContentHash.Of(bytes),
                Start = start,
                Length = bytes.Length,
                Group = item.Group,
                Order = item.Order,
                Parent = item.Parent,
                Rejections = item.Rejections,
            });
        }

        return slice;
    }

    /// <summary>The same entries, made from rows of these hashes.</summary>
    private protected static Slice MadeFrom(Slice plain, Func<SliceEntry, Guid?> row)
    {
        var slice = new Slice { Batch = plain.Batch };
        slice.Bytes.Write(plain.Bytes.WrittenSpan);
        foreach (var entry in plain.Entries)
        {
            slice.Add(entry with { Row = row(entry) });
        }

        return slice;
    }

    // ---- steps ----

    private protected async Task<(Ticket Ticket, long Run)> RunOfAsync(string pipeline, string? waitsFor = null)
    {
        if (!_runs.TryGetValue(pipeline, out var run))
        {
            var ticket = await Ledger.TryLeaseAsync($"sync:{pipeline}", "test", TimeSpan.FromDays(1000), Cancelled);
            run = (ticket!, await Ledger.BeginRunAsync(new RunStart(pipeline, RunKind.Schedule, "worker-1", "m1", waitsFor), Cancelled));
            _runs.Add(pipeline, run);
        }

        return run;
    }

    private protected Task<SliceCounts> CommitAsync(params Item[] items) => CommitToAsync(Dossiers, Slice(items));

    private protected async Task<SliceCounts> CommitToAsync(string pipeline, Slice slice)
    {
        var (ticket, run) = await RunOfAsync(pipeline, pipeline == Steps ? Dossiers : null);
        return await Ledger.CommitSliceAsync(ticket, run, slice, Cancelled);
    }

    private protected Task<Claim?> ClaimAsync(
        string pipeline = Dossiers, ClaimKind what = ClaimKind.Ready, int most = 1000, int mostBytes = int.MaxValue, ILedger? by = null, string worker = "worker-1") =>
        (by ?? Ledger).ClaimAsync(new ClaimRequest(pipeline, what, worker, most, mostBytes, Minute), Cancelled);

    private protected async Task<Claim> ClaimedAsync(string pipeline = Dossiers, ClaimKind what = ClaimKind.Ready, int most = 1000)
    {
        var claim = await ClaimAsync(pipeline, what, most);
        Assert.NotNull(claim);
        return claim;
    }

    private protected Task<SettleCounts> SettleAsync(Claim claim, Next next, DateTimeOffset notBefore = default, string code = "0", Rejection? rejection = null) =>
        SettleAsync(claim, v => new Settlement(v.Version, next, code, "thông báo", notBefore, rejection, next == Next.Acknowledge ? $"R-{v.Key}" : null));

    private protected Task<SettleCounts> SettleAsync(Claim claim, Func<ClaimedVersion, Settlement> settle) =>
        Ledger.SettleAsync(claim, An(claim.Versions.Count), [.. claim.Versions.Select(settle)], Cancelled);

    private protected static Attempt An(int records, string code = "0") => new(
        AttemptKind.Send, new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.Zero), TimeSpan.FromMilliseconds(12), "worker-1", records,
        ContentHash.Of("request"u8), ContentHash.Of("response"u8), 200, code, "Đồng bộ thành công");

    /// <summary>Sends all that is due and has it acknowledged.</summary>
    private protected async Task DeliverAsync(string pipeline = Dossiers)
    {
        while (await ClaimAsync(pipeline) is { } claim)
        {
            await SettleAsync(claim, Next.Acknowledge);
        }
    }

    private protected async Task<VersionHistory> NewestAsync(string key, string pipeline = Dossiers) =>
        Assert.Single(await Ledger.ReadHistoryAsync(pipeline, key, Cancelled), static v => v.Newest);

    private protected async Task<RecordState[]> StatesAsync(string key, string pipeline = Dossiers) =>
        [.. (await Ledger.ReadHistoryAsync(pipeline, key, Cancelled)).Select(static v => v.State)];

    private protected static string[] Keys(Claim? claim) => [.. (claim?.Versions ?? []).Select(static v => v.Key)];

    private protected static string[] Payloads(Claim? claim) => [.. (claim?.Versions ?? []).Select(static v => Encoding.UTF8.GetString(v.Payload.Span))];

    private protected sealed record Item(string Key, EntryKind Kind, string Bytes, string? Group, long Order, string? Parent, IReadOnlyList<Rejection>? Rejections);
}

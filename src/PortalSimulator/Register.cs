using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using PortalSimulator.Effects;
using PortalSimulator.Rules;

namespace PortalSimulator;

/// <summary>
/// What the portal holds, and the only place that changes it. A call is checked and applied under one lock, so calls that run at once
/// are seen one after the other.
/// </summary>
internal sealed class Register : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PortalOptions _options;
    private readonly EffectsLedger _ledger;
    private readonly Dictionary<string, Held> _dossiers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Held> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    // For every effect the progress row of the same dossier before it, or -1.
    private readonly List<int> _previousSteps = [];

    public Register(PortalOptions options)
    {
        _options = options;
        _ledger = EffectsLedger.Open(options.Data, options.Clock, e => Take(e.Service, e.Key, e.Kind, NewEffect.VersionOf(Convert.FromHexString(e.Sha256))));
    }

    /// <param name="call">Of a service that writes.</param>
    public Verdict Apply(Call call)
    {
        if (call.Records is not { Count: > 0 } records)
        {
            return new Verdict(Codes.Invalid, "Không có dữ liệu đồng bộ", Detail: "no data");
        }

        if (records.Count > _options.LargestBatch)
        {
            return new Verdict(Codes.TooLarge, "Số lượng bản ghi vượt quá giới hạn", Detail: "too many records");
        }

        if (call.Service != ServiceNames.Progress && call.IsUpdating is null)
        {
            return new Verdict(Codes.Invalid, "Thiếu tham số isUpdating", Detail: "no isUpdating");
        }

        var checkedRecords = Check(call);
        lock (_gate)
        {
            return Apply(call, checkedRecords);
        }
    }

    /// <summary>
    /// A dossier as it was last applied, with a list <c>DanhSachTienDo</c> of its applied progress rows. That list is an assumption: no source
    /// shows what the real <c>TraCuuHoSo</c> answers.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> FindDossier(string key)
    {
        lock (_gate)
        {
            if (!_dossiers.TryGetValue(key, out var held))
            {
                return [];
            }

            if (_options.LookUpLag > TimeSpan.Zero)
            {
                return FindAsOf(key, _options.Clock.GetUtcNow().UtcDateTime - _options.LookUpLag);
            }

            var steps = new Stack<string>();
            for (var step = held.LastStep; step >= 0; step = _previousSteps[step])
            {
                steps.Push(_ledger.Read(step).Raw);
            }

            return [Shown(_ledger.Read(held.Last).Raw, steps)];
        }
    }

    private IReadOnlyList<ReadOnlyMemory<byte>> FindAsOf(string key, DateTime horizon)
    {
        string? dossier = null;
        var steps = new List<string>();
        for (var i = 0; i < _ledger.Count && _ledger.Read(i) is var effect && effect.Time <= horizon; i++)
        {
            if (effect.Key == key && effect.Service == ServiceNames.Dossiers)
            {
                dossier = effect.Raw;
            }
            else if (effect.Key == key && effect.Service == ServiceNames.Progress)
            {
                steps.Add(effect.Raw);
            }
        }

        return dossier is null ? [] : [Shown(dossier, steps)];
    }

    private static byte[] Shown(string dossier, IEnumerable<string> steps) =>
        Encoding.UTF8.GetBytes($"{dossier.AsSpan().TrimEnd()[..^1].TrimEnd()},\"DanhSachTienDo\":[{string.Join(',', steps)}]}}");

    /// <param name="key">Null: all of them, in the order they were created.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> FindServices(string? key)
    {
        lock (_gate)
        {
            IEnumerable<Held> found = key is null ? _services.Values : _services.TryGetValue(key, out var one) ? [one] : [];
            return [.. found.Select(held => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(_ledger.Read(held.Last).Raw))];
        }
    }

    /// <summary>Looks at the counts while nothing moves.</summary>
    public T Count<T>(Func<int, IReadOnlyDictionary<string, Tally>, T> look)
    {
        lock (_gate)
        {
            return look(_ledger.Count, _tallies);
        }
    }

    public (long Start, long End) Effects(long after, long limit)
    {
        lock (_gate)
        {
            return _ledger.Range(after, limit);
        }
    }

    /// <returns>The effect that follows, or null when there is none yet.</returns>
    public Effect? Read(long after)
    {
        lock (_gate)
        {
            return after < _ledger.Count ? _ledger.Read((int)after) : null;
        }
    }

    public int ReadEffects(Span<byte> into, long start) => _ledger.ReadBytes(into, start);

    /// <summary>Lets the portal lose a record and what hangs on it, as a restored backup would. The effects stay; a restart brings it back.</summary>
    /// <returns>False when it held no such record.</returns>
    public bool Forget(string service, string key)
    {
        lock (_gate)
        {
            return Holdings(service).Remove(key);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _ledger.Clear();
            _dossiers.Clear();
            _services.Clear();
            _tallies.Clear();
            _previousSteps.Clear();
        }
    }

    public void Dispose() => _ledger.Dispose();

    private static CheckedRecord[] Check(Call call)
    {
        var schema = call.Service switch
        {
            ServiceNames.Dossiers => DossierFields.Schema,
            ServiceNames.Progress => ProgressFields.Schema,
            _ => ServiceFields.Schema,
        };
        var found = new CheckedRecord[call.Records!.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var finding = RecordCheck.Check(schema, call.Record(i), out var key);
            found[i] = new CheckedRecord(key, finding, finding is null ? SHA256.HashData(call.Record(i)) : []);
        }

        return found;
    }

    private Verdict Apply(Call call, CheckedRecord[] records)
    {
        var verdicts = new RecordVerdict[records.Length];
        var seen = call.Service == ServiceNames.Progress ? null : new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < records.Length; i++)
        {
            verdicts[i] = Judge(call, i, records[i], seen);
            if (!verdicts[i].IsGood && (!_options.PerRecordResults || records[i].Finding is { RefusesTheCall: true }))
            {
                return verdicts[i].ForTheCall(records.Length);
            }
        }

        var kind = call.Service == ServiceNames.Progress ? "append" : call.IsUpdating!.Value ? "update" : "create";
        var effects = verdicts.Where(v => v.IsGood)
            .Select(v => new NewEffect(call.Service, v.Key, kind, records[v.Index].Digest, call.Body[call.Records![v.Index]]))
            .ToList();
        _ledger.Append(effects);
        foreach (var effect in effects)
        {
            Take(effect.Service, effect.Key, effect.Kind, effect.Version);
        }

        return _options.PerRecordResults
            ? Verdict.Good(effects.Count) with { Records = verdicts, Detail = verdicts.FirstOrDefault(v => !v.IsGood)?.Detail }
            : Verdict.Good(effects.Count);
    }

    private RecordVerdict Judge(Call call, int index, CheckedRecord record, HashSet<string>? seen)
    {
        if (record.Finding is not null)
        {
            return RecordVerdict.Broken(index, record.Key, record.Finding);
        }

        if (seen?.Add(record.Key) == false)
        {
            return RecordVerdict.Twice(index, record.Key);
        }

        var what = call.Service == ServiceNames.Services ? "Mã dịch vụ công" : "Mã hồ sơ";
        var isHeld = Holdings(call.Service).ContainsKey(record.Key);
        return (isHeld, call.IsUpdating, call.Service) switch
        {
            (true, false, not ServiceNames.Progress) => RecordVerdict.Exists(index, record.Key, what),
            (false, true, not ServiceNames.Progress) or (false, _, ServiceNames.Progress) => RecordVerdict.NotThere(index, record.Key, what),
            _ => RecordVerdict.Good(index, record.Key),
        };
    }

    private Dictionary<string, Held> Holdings(string service) => service == ServiceNames.Services ? _services : _dossiers;

    private void Take(string service, string key, string kind, UInt128 version)
    {
        var isStep = service == ServiceNames.Progress;
        var effect = _previousSteps.Count;
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(Holdings(service), key, out var wasHeld);
        held ??= new Held();
        _previousSteps.Add(isStep ? held.LastStep : -1);
        if (!_tallies.TryGetValue(service, out var tally))
        {
            _tallies.Add(service, tally = new Tally());
        }

        tally.Add(kind, version, isStep ? held.LastStep < 0 : !wasHeld, !isStep && held.Version == version);
        if (isStep)
        {
            held.LastStep = effect;
        }
        else
        {
            held.Last = effect;
            held.Version = version;
        }
    }

    private sealed class Held
    {
        public int Last { get; set; } = -1;

        public int LastStep { get; set; } = -1;

        public UInt128 Version { get; set; }
    }

    private readonly record struct CheckedRecord(string Key, Finding? Finding, byte[] Digest);
}

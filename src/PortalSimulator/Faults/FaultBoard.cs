namespace PortalSimulator.Faults;

/// <summary>
/// Which faults are on, and which calls they strike. The n-th call a fault could strike is struck or not by seed, fault and n alone, so the
/// same calls in the same order meet the same faults.
/// </summary>
internal sealed class FaultBoard
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _fired = new(StringComparer.Ordinal);
    private FaultPlan _plan = new();
    private Progress[] _progress = [];

    public FaultPlan Plan
    {
        get
        {
            lock (_gate)
            {
                return _plan;
            }
        }
    }

    /// <summary>How often each mode struck since the start or the last reset.</summary>
    public IReadOnlyDictionary<string, long> Fired
    {
        get
        {
            lock (_gate)
            {
                return new SortedDictionary<string, long>(_fired, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Takes the place of all faults there were, and counts afresh.</summary>
    /// <exception cref="ArgumentException">A fault is not one.</exception>
    public void Set(FaultPlan plan)
    {
        if (plan.Faults.Select(f => f.Mistake()).FirstOrDefault(m => m is not null) is { } mistake)
        {
            throw new ArgumentException(mistake, nameof(plan));
        }

        lock (_gate)
        {
            _plan = plan;
            _progress = new Progress[plan.Faults.Count];
        }
    }

    public void Clear() => Set(new FaultPlan());

    public void Reset()
    {
        Clear();
        lock (_gate)
        {
            _fired.Clear();
        }
    }

    /// <summary>The faults that strike this call: any number of delays, and the first fault that answers in the portal's place.</summary>
    /// <param name="body">Of the call; only faults that look for something in it need one.</param>
    public Strike Draw(string service, ReadOnlySpan<byte> body = default)
    {
        lock (_gate)
        {
            if (_plan.Faults.Count == 0)
            {
                return Strike.None;
            }

            var delays = new List<FaultRule>();
            FaultRule? answering = null;
            for (var i = 0; i < _plan.Faults.Count; i++)
            {
                var rule = _plan.Faults[i];
                var isDelay = rule.Mode == FaultModes.Slow;
                if ((isDelay || answering is null) && rule.Concerns(service, body) && Strikes(rule, i))
                {
                    _fired[rule.Mode] = _fired.GetValueOrDefault(rule.Mode) + 1;
                    if (isDelay)
                    {
                        delays.Add(rule);
                    }
                    else
                    {
                        answering = rule;
                    }
                }
            }

            return new Strike(delays, answering);
        }
    }

    private bool Strikes(FaultRule rule, int index)
    {
        ref var progress = ref _progress[index];
        var call = progress.Calls++;
        if (call < rule.Skip || progress.Strikes >= rule.Times || Draw(_plan.Seed, index, call) >= rule.Rate)
        {
            return false;
        }

        progress.Strikes++;
        return true;
    }

    // SplitMix64: the same on every machine and every version of .NET, which System.Random does not promise.
    private static double Draw(long seed, int index, long call)
    {
        var z = unchecked((ulong)seed * 0x9E3779B97F4A7C15 + (ulong)index * 0xD1B54A32D192ED03 + (ulong)(call + 1) * 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    private struct Progress
    {
        public long Calls;
        public long Strikes;
    }
}

/// <param name="Answering">The fault that answers in the portal's place; null: the portal answers.</param>
internal sealed record Strike(IReadOnlyList<FaultRule> Delays, FaultRule? Answering)
{
    public static readonly Strike None = new([], null);

    public TimeSpan Delay(bool after) => TimeSpan.FromMilliseconds(Delays.Where(d => d.IsAfter == after).Sum(d => (long)d.DelayMs));

    /// <summary>The modes, for the request log; null when nothing struck.</summary>
    public string? Name => (Delays.Count, Answering) switch
    {
        (0, null) => null,
        (0, _) => Answering.Mode,
        (_, null) => FaultModes.Slow,
        _ => $"{FaultModes.Slow}+{Answering.Mode}",
    };
}

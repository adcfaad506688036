namespace PortalSimulator;

/// <summary>Every call that reached the portal, in the order of arrival, those it never understood included.</summary>
internal sealed class RequestLog(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<RequestEntry> _entries = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <param name="path">Of the request, without its query: that may hold what is nobody's business.</param>
    public RequestEntry Arrive(string path)
    {
        lock (_gate)
        {
            var entry = new RequestEntry(_entries.Count + 1, clock.GetUtcNow().UtcDateTime, path);
            _entries.Add(entry);
            return entry;
        }
    }

    /// <param name="after">The last entry not wanted, from 1; 0: from the first.</param>
    public IReadOnlyList<RequestEntry> Read(long after, long limit)
    {
        lock (_gate)
        {
            var first = (int)Math.Clamp(after, 0, _entries.Count);
            return _entries.GetRange(first, (int)Math.Min(_entries.Count - first, Math.Max(0, limit)));
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
        }
    }
}

/// <summary>One call. What is filled in later stays null while it runs.</summary>
internal sealed class RequestEntry(long seq, DateTime time, string path)
{
    public long Seq { get; } = seq;

    /// <summary>Of arrival, UTC.</summary>
    public DateTime Time { get; } = time;

    public string Path { get; } = path;

    public string? Service { get; set; }

    public int Records { get; set; }

    /// <summary>Records that were really applied, whatever was answered.</summary>
    public int Applied { get; set; }

    /// <summary>The portal's own code, before any fault; null when a fault struck first.</summary>
    public string? Code { get; set; }

    /// <summary>The true reason of a refusal, without values.</summary>
    public string? Detail { get; set; }

    /// <summary>The faults that struck.</summary>
    public string? Fault { get; set; }

    /// <summary>HTTP status sent; 0 when the connection was reset; null while the call runs.</summary>
    public int? Status { get; set; }
}

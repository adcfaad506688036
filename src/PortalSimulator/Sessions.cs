using System.Security.Cryptography;

namespace PortalSimulator;

/// <summary>Who is logged in. A session lives a fixed time from its login, however much it is used; it does not survive a restart.</summary>
internal sealed class Sessions(PortalOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _ends = new(StringComparer.Ordinal);
    private long _logins;
    private long _refusedLogins;

    public long Logins => Interlocked.Read(ref _logins);

    public long RefusedLogins => Interlocked.Read(ref _refusedLogins);

    /// <returns>A new session, or null when name or password is wrong. Older sessions stay valid.</returns>
    public string? Login(string? username, string? password)
    {
        if (username != options.Username || password != options.Password)
        {
            Interlocked.Increment(ref _refusedLogins);
            return null;
        }

        var now = options.Clock.GetTimestamp();
        var session = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        lock (_gate)
        {
            foreach (var (ended, _) in _ends.Where(s => s.Value <= now).ToList())
            {
                _ends.Remove(ended);
            }

            _ends.Add(session, now + (long)(options.SessionLifetime.TotalSeconds * options.Clock.TimestampFrequency));
        }

        Interlocked.Increment(ref _logins);
        return session;
    }

    public bool IsOpen(string? session)
    {
        lock (_gate)
        {
            return session is not null && _ends.TryGetValue(session, out var end) && options.Clock.GetTimestamp() < end;
        }
    }

    /// <summary>Ends all sessions at once, as a restart of the portal would.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _ends.Clear();
        }
    }

    public void Reset()
    {
        Forget();
        Interlocked.Exchange(ref _logins, 0);
        Interlocked.Exchange(ref _refusedLogins, 0);
    }
}

namespace Integration.Ledger.Sql;

/// <summary>Leases of named jobs: one holder at a time, and a token that rises with every holder.</summary>
internal static class Leases
{
    public static async Task<Ticket?> TakeAsync(Session session, string job, string holder, TimeSpan length)
    {
        var token = await session.NumberAsync(
            """
            INSERT INTO lease (job, holder, token, until) VALUES (@job, @holder, 1, @until)
            ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, token = lease.token + 1, until = excluded.until
            WHERE lease.until <= @now OR lease.holder = excluded.holder
            RETURNING token
            """,
            ("job", job), ("holder", holder), ("until", session.Now + Stored.Length(length)), ("now", session.Now));
        return token is { } taken ? new Ticket(job, holder, taken) : null;
    }

    public static async Task<bool> RenewAsync(Session session, Ticket ticket, TimeSpan length) => await session.ExecuteAsync(
        "UPDATE lease SET until = @until WHERE job = @job AND holder = @holder AND token = @token AND until > @now",
        ("job", ticket.Job), ("holder", ticket.Holder), ("token", ticket.Token), ("until", session.Now + Stored.Length(length)), ("now", session.Now)) == 1;

    public static Task ReleaseAsync(Session session, Ticket ticket) => session.ExecuteAsync(
        "UPDATE lease SET until = 0 WHERE job = @job AND holder = @holder AND token = @token",
        ("job", ticket.Job), ("holder", ticket.Holder), ("token", ticket.Token));

    /// <summary>Holds the lease until the transaction ends: nobody can take it in between.</summary>
    /// <returns>Throws a <see cref="LeaseLostException"/> when the lease ran out or has another holder; to be asked once the next statement was waited for.</returns>
    public static async Task<Action> DemandAsync(Session session, Ticket ticket)
    {
        var until = long.MinValue;
        await session.AskAsync(
            $"SELECT until FROM lease WHERE job = @job AND holder = @holder AND token = @token {session.Lock("FOR SHARE")}",
            reader => until = reader.GetInt64(0), ("job", ticket.Job), ("holder", ticket.Holder), ("token", ticket.Token));
        return () =>
        {
            if (until <= session.Now)
            {
                throw new LeaseLostException(ticket.Job);
            }
        };
    }
}

using System.Threading.Channels;
using Integration.Ledger;

namespace Integration.Pipelines;

/// <summary>
/// Bounds the calls of one lane that are under way at once. A lane has one loop more than that: while the calls are away it claims the next
/// batch and stores the last answer, so that the receiver does not wait for the ledger.
/// </summary>
internal sealed class CallTurns
{
    private readonly string _pipeline;
    private readonly ILedger _ledger;
    private readonly TimeProvider _clock;
    private readonly Channel<bool> _free = Channel.CreateUnbounded<bool>();

    public CallTurns(string pipeline, ILedger ledger, DeliverySettings settings, TimeProvider clock)
    {
        (_pipeline, _ledger, _clock) = (pipeline, ledger, clock);
        for (var i = 0; i < settings.InFlight; i++)
        {
            _free.Writer.TryWrite(true);
        }
    }

    /// <summary>
    /// Waits for a turn, the claim's lease kept alive, and looks at the ledger once more: a call that came first may have been answered with a
    /// reason not to make this one.
    /// </summary>
    /// <returns>Null when the lane is paused, rests or stops by now: the claim is to be given back.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async Task<CallTurn?> TakeAsync(ClaimWork work, CancellationToken abort)
    {
        if (!_free.Reader.TryRead(out _) && !await WaitAsync(work, abort))
        {
            return null;
        }

        var turn = new CallTurn(_free.Writer);
        var mayCall = false;
        try
        {
            mayCall = !work.Stop.IsCancellationRequested && await MayCallAsync(abort);
        }
        finally
        {
            if (!mayCall)
            {
                turn.Dispose();
            }
        }

        return mayCall ? turn : null;
    }

    /// <returns>False when the lane stops.</returns>
    private async Task<bool> WaitAsync(ClaimWork work, CancellationToken abort)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(abort, work.Stop);
        var wait = _free.Reader.ReadAsync(end.Token).AsTask();
        try
        {
            await work.WhileHeldAsync(wait, abort);
            return true;
        }
        catch (Exception e)
        {
            await end.CancelAsync();
            await ((Task)wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (wait.IsCompletedSuccessfully)
            {
                _free.Writer.TryWrite(true);
            }

            if (e is OperationCanceledException && !abort.IsCancellationRequested)
            {
                return false;
            }

            throw;
        }
    }

    private async Task<bool> MayCallAsync(CancellationToken cancellationToken)
    {
        try
        {
            var control = await _ledger.ReadControlAsync(_pipeline, cancellationToken);
            return control.Paused is null && !(control.ParkedUntil > _clock.GetUtcNow());
        }
        catch (Exception e) when (e is LedgerUnavailableException or OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>The right to one call; ended when its answer is no reason to hold back the next one. Ending it twice ends it once.</summary>
internal sealed class CallTurn(ChannelWriter<bool> free) : IDisposable
{
    private int _ended;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            free.TryWrite(true);
        }
    }
}

using System.Threading.Channels;

namespace Integration.Pipelines;

/// <summary>Wakes one of those who wait; a signal given while nobody waits is kept for the next one.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _given = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _given.Writer.TryWrite(true);

    /// <summary>Returns at the next signal, or when the time is over.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await _given.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time is over.
        }
    }
}

using Integration.Records;

namespace Demo;

/// <summary>
/// Keeps a program running: it is started again when it ends without being asked, so that anyone may kill the worker and watch it go on.
/// One that cannot stay up is given up, with its last lines.
/// </summary>
internal sealed class KeptAlive(Func<ChildProcess> start, Action<Text> notice, TimeProvider clock)
{
    private static readonly TimeSpan _shortLife = TimeSpan.FromSeconds(5);
    private const int _shortLives = 3;

    /// <summary>The process that runs now; null before the first and between two.</summary>
    public ChildProcess? Current { get; private set; }

    /// <summary>Runs until it is cancelled, which stops the program.</summary>
    /// <exception cref="InvalidOperationException">The program ended several times right after its start.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var inARow = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = clock.GetTimestamp();
            await using var child = Current = start();
            int code;
            try
            {
                code = await child.Ended.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                Current = null;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            inARow = clock.GetElapsedTime(started) < _shortLife ? inARow + 1 : 0;
            if (inARow == _shortLives)
            {
                throw new InvalidOperationException(
                    $"The program ended {_shortLives} times right after its start (code {code}):\n{string.Join('\n', child.LastLines)}");
            }

            notice(new(
                $"Tiến trình đồng bộ đã dừng (mã {code}); đang khởi động lại. Sổ đồng bộ giữ nguyên mọi việc dở dang.",
                $"The worker ended (code {code}); starting it again. The ledger holds everything that was under way."));
        }
    }
}

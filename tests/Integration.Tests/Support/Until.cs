using Xunit;

namespace Integration.Tests.Support;

/// <summary>Waits for a condition, never for a time.</summary>
internal static class Until
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <param name="state">Described when the time is over.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan longest, Func<Task<string>> state)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > longest)
            {
                Assert.Fail($"Not within {longest.TotalSeconds} s: {await state()}");
            }

            await Task.Delay(Look, TestContext.Current.CancellationToken);
        }
    }
}

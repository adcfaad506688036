namespace Demo.Province;

/// <summary>
/// Chance that is the same for a seed on every machine and runtime (SplitMix64), which <see cref="Random"/> does not promise.
/// </summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <returns>A number from 0 to <paramref name="below"/> - 1.</returns>
    public int Next(int below) => (int)(Draw() % (ulong)below);

    /// <returns>A number from <paramref name="from"/> to <paramref name="to"/>, both included.</returns>
    public int Between(int from, int to) => from + Next(to - from + 1);

    public bool Percent(int share) => Next(100) < share;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>As <see cref="Pick"/>, the first ones far more often: a few procedures make most of a province's dossiers.</summary>
    public T PickFront<T>(IReadOnlyList<T> items) => items[(int)((long)Next(items.Count) * Next(items.Count) / items.Count)];

    private ulong Draw()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

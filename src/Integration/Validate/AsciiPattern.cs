using System.Runtime.InteropServices;

namespace Integration.Validate;

/// <summary>
/// A pattern as a table of states that bytes of ASCII walk through, one look a byte. Certain in its yes alone: what it does not take may be no
/// ASCII, and is for the regular expression itself to judge.
/// </summary>
internal sealed class AsciiPattern
{
    private const int Characters = 128;
    private const int MostStates = 256;
    private const int MostSteps = 1_000;

    // Next state by state and character; 0: there is none.
    private readonly List<short> _next = [.. new short[Characters]];
    private readonly List<bool> _isEnd = [false];
    private readonly List<(UInt128 Set, int Next, int Other)> _steps = [];
    private readonly bool _mayGoOn;

    private AsciiPattern(bool mayGoOn) => _mayGoOn = mayGoOn;

    /// <param name="pattern">As .NET reads it, without options that change what it matches.</param>
    /// <returns>Null for one that does not begin at the beginning, or has what <see cref="PatternParser"/> declines.</returns>
    public static AsciiPattern? Of(string pattern)
    {
        const string end = "\\z";
        if (pattern is not ['^', .. var body])
        {
            return null;
        }

        var isWhole = body.EndsWith(end, StringComparison.Ordinal) && !body.EndsWith($"\\{end}", StringComparison.Ordinal);
        var made = new AsciiPattern(!isWhole);
        return PatternParser.Parse(isWhole ? body.AsSpan(..^end.Length) : body) is { } node && made.TryBuild(node) ? made : null;
    }

    public bool Takes(ReadOnlySpan<byte> utf8)
    {
        var next = CollectionsMarshal.AsSpan(_next);
        var state = 1;
        foreach (var character in utf8)
        {
            if (_mayGoOn && _isEnd[state])
            {
                return true;
            }

            state = character < Characters ? next[state * Characters + character] : 0;
            if (state == 0)
            {
                return false;
            }
        }

        return _isEnd[state];
    }

    private bool TryBuild(PatternNode node)
    {
        var last = Add(UInt128.Zero, -1, -1);
        var states = new Dictionary<string, short>(StringComparer.Ordinal);
        var open = new Queue<SortedSet<int>>();
        var first = new SortedSet<int>();
        Reach(Build(node, last), first);
        StateOf(first);
        while (_steps.Count < MostSteps && _isEnd.Count < MostStates && open.TryDequeue(out var state))
        {
            var at = states[Name(state)] * Characters;
            var (before, next) = (new List<int>(), (short)0);
            for (var character = 0; character < Characters; character++)
            {
                // Characters beside each other mostly lead to the same.
                var taken = state.Where(s => (_steps[s].Set >> character & 1) != 0).ToList();
                if (!taken.SequenceEqual(before))
                {
                    (before, next) = (taken, taken.Count == 0 ? (short)0 : StateOf(Reached(taken)));
                }

                _next[at + character] = next;
            }
        }

        return open.Count == 0 && _steps.Count < MostSteps && _isEnd.Count < MostStates;

        short StateOf(SortedSet<int> steps)
        {
            if (states.TryGetValue(Name(steps), out var state))
            {
                return state;
            }

            state = (short)_isEnd.Count;
            states.Add(Name(steps), state);
            open.Enqueue(steps);
            _isEnd.Add(steps.Contains(last));
            _next.AddRange(new short[Characters]);
            return state;
        }

        SortedSet<int> Reached(List<int> taken)
        {
            var reached = new SortedSet<int>();
            taken.ForEach(step => Reach(_steps[step].Next, reached));
            return reached;
        }

        static string Name(SortedSet<int> steps) => string.Join(' ', steps);
    }

    // The steps that make up a part of the pattern, in front of those that follow it.
    private int Build(PatternNode node, int next)
    {
        switch (node)
        {
            case PatternNode.OneOf one:
                return Add(one.Set, next, -1);
            case PatternNode.Sequence sequence:
                return sequence.Parts.Reverse().Aggregate(next, (behind, part) => Build(part, behind));
            case PatternNode.Choice choice:
                return choice.Parts.Select(part => Build(part, next)).Aggregate((one, other) => Add(UInt128.Zero, one, other));
            default:
                return Build((PatternNode.Repeat)node, next);
        }
    }

    private int Build(PatternNode.Repeat repeat, int next)
    {
        var start = next;
        if (repeat.Most < 0)
        {
            start = Add(UInt128.Zero, next, -1);
            _steps[start] = (UInt128.Zero, next, Build(repeat.Part, start));
        }

        for (var i = repeat.Least; i < repeat.Most && _steps.Count < MostSteps; i++)
        {
            start = Add(UInt128.Zero, Build(repeat.Part, start), next);
        }

        for (var i = 0; i < repeat.Least && _steps.Count < MostSteps; i++)
        {
            start = Build(repeat.Part, start);
        }

        return start;
    }

    private int Add(UInt128 set, int next, int other)
    {
        _steps.Add((set, next, other));
        return _steps.Count - 1;
    }

    private void Reach(int step, SortedSet<int> steps)
    {
        if (step >= 0 && steps.Add(step) && _steps[step].Set == UInt128.Zero)
        {
            Reach(_steps[step].Next, steps);
            Reach(_steps[step].Other, steps);
        }
    }
}

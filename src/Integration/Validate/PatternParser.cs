using System.Globalization;

namespace Integration.Validate;

/// <summary>Reads the plain part of regular expressions: characters, sets of them, groups, choices and counts. Everything else it declines.</summary>
internal ref struct PatternParser(ReadOnlySpan<char> pattern)
{
    private const string Special = @"\^$.|?*+()[]{}";

    // Counts are written out as states, so that long ones are left to the general engine.
    private const int MostCounted = 200;

    private ReadOnlySpan<char> _rest = pattern;

    /// <returns>Null: something in it is beyond this reader.</returns>
    public static PatternNode? Parse(ReadOnlySpan<char> pattern)
    {
        var parser = new PatternParser(pattern);
        return parser.Sequence() is { } node && parser._rest.IsEmpty ? node : null;
    }

    private PatternNode.Choice? Choice()
    {
        var parts = new List<PatternNode>();
        do
        {
            if (Sequence() is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }
        while (Skip('|'));
        return new PatternNode.Choice(parts);
    }

    private PatternNode.Sequence? Sequence()
    {
        var parts = new List<PatternNode>();
        while (!_rest.IsEmpty && _rest[0] is not ('|' or ')'))
        {
            if (Atom() is not { } atom || Counted(atom) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        return new PatternNode.Sequence(parts);
    }

    private PatternNode? Atom()
    {
        if (Skip('('))
        {
            return (!_rest.StartsWith("?") || Skip("?:")) && Choice() is { } group && Skip(')') ? group : null;
        }

        if (Skip('['))
        {
            return Set();
        }

        return Character(Special) is { } single ? new PatternNode.OneOf(UInt128.One << single) : null;
    }

    private PatternNode.OneOf? Set()
    {
        var set = UInt128.Zero;
        while (!Skip(']'))
        {
            if ((_rest is ['^', ..] && set == UInt128.Zero) || Character("[]\\") is not { } first)
            {
                return null;
            }

            var last = first;
            if (_rest is ['-', not ']', ..])
            {
                _rest = _rest[1..];

                // An escaped hyphen begins a range to one reader of patterns and none to another.
                if (first == '-' || Character("[]\\") is not { } end || end < first)
                {
                    return null;
                }

                last = end;
            }

            for (var c = first; c <= last; c++)
            {
                set |= UInt128.One << c;
            }
        }

        return set == UInt128.Zero ? null : new PatternNode.OneOf(set);
    }

    // Itself, or what stands behind a backslash and means nothing else there.
    private int? Character(string special)
    {
        var isEscaped = _rest is ['\\', _, ..];
        if (_rest.IsEmpty || (isEscaped ? _rest[1] : _rest[0]) is var c && (c is < ' ' or > '~' || (isEscaped ? char.IsAsciiLetterOrDigit(c) || c is '_' or '<' or '\'' : special.Contains(c, StringComparison.Ordinal))))
        {
            return null;
        }

        _rest = _rest[(isEscaped ? 2 : 1)..];
        return c;
    }

    private PatternNode.Repeat? Counted(PatternNode part)
    {
        (int, int)? times = _rest switch
        {
            ['?', ..] => (0, 1),
            ['*', ..] => (0, -1),
            ['+', ..] => (1, -1),
            ['{', ..] => Times(_rest[1..]),
            _ => (1, 1),
        };
        if (times is not var (least, most) || least > MostCounted || most > MostCounted)
        {
            return null;
        }

        if (_rest is ['{', ..])
        {
            _rest = _rest[(_rest.IndexOf('}') + 1)..];
        }
        else if ((least, most) != (1, 1))
        {
            _rest = _rest[1..];
        }

        // Behind a count a question mark or a plus means another way of searching.
        return _rest is ['?' or '+' or '*', ..] && (least, most) != (1, 1) ? null : new PatternNode.Repeat(part, least, most);
    }

    private static (int, int)? Times(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf('}');
        var comma = end < 0 ? -1 : text[..end].IndexOf(',');
        if (end < 0 || !Number(comma < 0 ? text[..end] : text[..comma], out var least))
        {
            return null;
        }

        var upper = comma < 0 ? default : text[(comma + 1)..end];
        if (comma < 0 || upper.IsEmpty)
        {
            return (least, comma < 0 ? least : -1);
        }

        return Number(upper, out var most) && most >= least ? (least, most) : null;
    }

    private static bool Number(ReadOnlySpan<char> digits, out int number) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private bool Skip(char c)
    {
        var isThere = !_rest.IsEmpty && _rest[0] == c;
        _rest = isThere ? _rest[1..] : _rest;
        return isThere;
    }

    private bool Skip(string text)
    {
        var isThere = _rest.StartsWith(text);
        _rest = isThere ? _rest[text.Length..] : _rest;
        return isThere;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Integration.Records;

namespace Integration.Validate;

/// <summary>
/// What a text must be. Lengths count chars after NFC. Blank text passes everything but <see cref="Least"/>: it is how "no value" is sent.
/// </summary>
internal sealed class TextRule(string path) : ValueRule(path, FieldType.Text)
{
    private const int RoomOnStack = 256;

    // Made when the first record is written: a command that only reads the definitions has no use for it.
    private readonly Lazy<AsciiPattern?>? _ascii;
    private byte[][] _allowed = [];

    public int Least { get; init; }

    public int Most { get; init; } = int.MaxValue;

    public Regex? Pattern
    {
        get;
        init
        {
            field = value;
            _ascii = new(() => value is null ? null : AsciiPattern.Of(value.ToString()));
        }
    }

    /// <summary>Exact .NET custom format of the date that the text must be; null: any text.</summary>
    public string? DateForm { get; init; }

    /// <summary>Empty: any text.</summary>
    public IReadOnlyList<string> Allowed
    {
        get;
        init
        {
            field = value;
            _allowed = [.. value.Select(Encoding.UTF8.GetBytes)];
        }
    } = [];

    public override ValueFacts Check(ref Utf8JsonReader reader, ref Inspection inspection)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return RejectType(ref reader, ref inspection, "cần văn bản / a text is needed");
        }

        if (IsDigitDate && DigitDate.TryParse(reader.ValueSpan, DateForm!, out var date))
        {
            return new ValueFacts(false, date);
        }

        if (!NeedsChars(reader.ValueSpan))
        {
            return CheckAllowed(ref reader, ref inspection) ? ValueFacts.Plain : ValueFacts.Bad;
        }

        var buffer = inspection.Room(reader.ValueSpan.Length);
        return CheckChars(ref reader, ref inspection, buffer[..reader.CopyString(buffer)]);
    }

    public override bool Takes(in WireText text, out long date)
    {
        date = -1;
        if (text.IsEmpty)
        {
            return Least == 0;
        }

        if ((text.IsPlain ? text.Utf8[0] == ' ' : MayBeBlank(text.Utf8)) || !IsOfLength(text) || (_allowed.Length > 0 && !IsAllowed(text.Utf8)))
        {
            return false;
        }

        if (Pattern is not null && !(DateForm is null && _ascii?.Value?.Takes(text.Utf8) == true))
        {
            return TakesChars(text.Utf8, out date);
        }

        if (!DigitDate.Knows(DateForm))
        {
            return DateForm is null || TakesChars(text.Utf8, out date);
        }

        var isDate = DigitDate.TryParse(text.Utf8, DateForm!, out var digits);
        date = isDate ? digits.Ticks : -1;
        return isDate;
    }

    private bool TakesChars(ReadOnlySpan<byte> utf8, out long date)
    {
        Span<char> room = utf8.Length <= RoomOnStack ? stackalloc char[RoomOnStack] : new char[utf8.Length];
        var text = room[..Encoding.UTF8.GetChars(utf8, room)];
        date = -1;
        if (Pattern is not null && !IsMatch(Pattern, text))
        {
            return false;
        }

        if (DateForm is null)
        {
            return true;
        }

        var isDate = TryParse(text, DateForm, out var parsed);
        date = isDate ? parsed.Ticks : -1;
        return isDate;
    }

    // A char is never more than three in NFC.
    private bool IsOfLength(in WireText text) =>
        (Least == 0 && text.Length <= Most / 3) || (text.Length >= Least && text.Length <= Most && (text.IsPlain || !text.ToString().AsSpan().ContainsAnyExcept(StableChars.All)));

    private bool IsAllowed(ReadOnlySpan<byte> utf8)
    {
        foreach (var allowed in _allowed)
        {
            if (utf8.SequenceEqual(allowed))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsDigitDate => DigitDate.Knows(DateForm) && Pattern is null && _allowed.Length == 0 && Least <= DateForm!.Length && Most >= DateForm.Length;

    // A byte is at least a third of a char after NFC.
    private bool NeedsChars(ReadOnlySpan<byte> utf8) => Least > 0 || Pattern is not null || DateForm is not null || utf8.Length > Most / 3 || MayBeBlank(utf8);

    // What no white space of Unicode begins with is no blank text; an escape may be anything.
    private static bool MayBeBlank(ReadOnlySpan<byte> utf8) => utf8.IsEmpty || utf8[0] is <= 0x20 or 0x7F or (byte)'\\' or 0xC2 or 0xE2 or 0xE3 || utf8 is [0xE1, 0x9A, ..];

    private ValueFacts CheckChars(ref Utf8JsonReader reader, ref Inspection inspection, scoped ReadOnlySpan<char> text)
    {
        if (text.IsWhiteSpace())
        {
            return Least == 0 ? ValueFacts.Blank : RejectLength(ref inspection, Rules.TooShort, text, Least) with { IsBlank = true };
        }

        var length = LengthInNfc(text);
        if (length < Least)
        {
            RejectLength(ref inspection, Rules.TooShort, text, Least);
        }
        else if (length > Most)
        {
            RejectLength(ref inspection, Rules.TooLong, text, Most);
        }

        if (Pattern is not null && !IsMatch(Pattern, text))
        {
            inspection.Reject(Rules.BadFormat, Path, text, Pattern.ToString());
        }

        CheckAllowed(ref reader, ref inspection);
        if (DateForm is null)
        {
            return ValueFacts.Plain;
        }

        if (TryParse(text, DateForm, out var date))
        {
            return new ValueFacts(false, date);
        }

        inspection.Reject(Rules.BadFormat, Path, text, DateForm);
        return ValueFacts.Bad;
    }

    private bool CheckAllowed(ref Utf8JsonReader reader, ref Inspection inspection)
    {
        foreach (var allowed in _allowed)
        {
            if (reader.ValueTextEquals(allowed))
            {
                return true;
            }
        }

        if (_allowed.Length > 0)
        {
            inspection.Reject(Rules.NotAllowed, Path, reader.GetString(), string.Join(", ", Allowed));
        }

        return _allowed.Length == 0;
    }

    private ValueFacts RejectLength(ref Inspection inspection, Rule rule, scoped ReadOnlySpan<char> text, int limit)
    {
        inspection.Reject(rule, Path, text, $"{LengthInNfc(text)} {(rule == Rules.TooLong ? '>' : '<')} {limit}");
        return ValueFacts.Bad;
    }

    private static bool TryParse(ReadOnlySpan<char> text, string form, out DateTime date) => DigitDate.Knows(form)
        ? DigitDate.TryParse(text, form, out date)
        : DateTime.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    private static bool IsMatch(Regex pattern, ReadOnlySpan<char> text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static int LengthInNfc(ReadOnlySpan<char> text)
    {
        var isStable = !text.ContainsAnyExcept(StableChars.All) || text.IsNormalized(NormalizationForm.FormC);
        return isStable ? text.Length : text.GetNormalizedLength(NormalizationForm.FormC);
    }
}

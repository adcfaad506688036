using System.Text;

namespace Integration.Records;

/// <summary>A clean text as it goes to the receiver: UTF-8 in NFC, without white space around it. Empty: no value.</summary>
/// <param name="utf8">Valid UTF-8.</param>
/// <param name="length">In UTF-16 code units, as contracts count.</param>
/// <param name="isPlain">Known to be a <see cref="PlainText"/>.</param>
/// <param name="row">Place in the code table that it was found in; -1: it was found in none.</param>
internal readonly ref struct WireText(ReadOnlySpan<byte> utf8, int length, bool isPlain, int row = -1)
{
    // A default value stands in no table either.
    private readonly int _place = row + 1;

    public ReadOnlySpan<byte> Utf8 { get; } = utf8;

    public int Length { get; } = length;

    public bool IsPlain { get; } = isPlain;

    public int Row => _place - 1;

    public bool IsEmpty => Utf8.IsEmpty;

    public static WireText Of(ReadOnlySpan<byte> utf8, int row = -1) => PlainText.Measure(utf8) is >= 0 and var length
        ? new WireText(utf8, length, isPlain: true, row)
        : new WireText(utf8, Encoding.UTF8.GetCharCount(utf8), isPlain: false, row);

    public override string ToString() => Wtf8.Decode(Utf8);
}

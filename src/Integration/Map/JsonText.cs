using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using Integration.Records;

namespace Integration.Map;

/// <summary>
/// Writes one record as JSON, into room of its own. Byte for byte what <see cref="System.Text.Json.Utf8JsonWriter"/> writes with
/// <see cref="JavaScriptEncoder.UnsafeRelaxedJsonEscaping"/>: a record is known by the hash of these bytes, for as long as its ledger lives.
/// </summary>
internal sealed class JsonText
{
    private const int UsualRoom = 4096;

    // What a record needs that is larger than any should be is given back after it.
    private const int MostKept = 1 << 20;
    private const int LongestNumber = 20;

    private byte[] _bytes = new byte[UsualRoom];
    private int _count;

    /// <summary>A field's name as it stands before its value.</summary>
    public static byte[] Name(string name) => Encoding.UTF8.GetBytes($",\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(name)}\":");

    /// <summary>A text in its quotes.</summary>
    public static byte[] Quoted(string text) => Encoding.UTF8.GetBytes($"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"");

    public void Clear()
    {
        _count = 0;
        if (_bytes.Length > MostKept)
        {
            _bytes = new byte[UsualRoom];
        }
    }

    public void CopyTo(IBufferWriter<byte> output) => output.Write(_bytes.AsSpan(0, _count));

    /// <param name="name">Of <see cref="Name"/>.</param>
    public void WriteText(byte[] name, in WireText text)
    {
        var utf8 = text.Utf8;
        WriteName(name, utf8.Length + 2);
        _bytes[_count++] = (byte)'"';
        if (text.IsPlain || JavaScriptEncoder.UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncodeUtf8(utf8) < 0)
        {
            utf8.CopyTo(_bytes.AsSpan(_count));
            _count += utf8.Length;
        }
        else
        {
            WriteEscaped(utf8);
        }

        _bytes[_count++] = (byte)'"';
    }

    /// <inheritdoc cref="WriteText"/>
    public void WriteNumber(byte[] name, long number)
    {
        WriteName(name, LongestNumber);
        Utf8Formatter.TryFormat(number, _bytes.AsSpan(_count), out var length);
        _count += length;
    }

    /// <param name="json">A value as it stands in JSON.</param>
    /// <inheritdoc cref="WriteText"/>
    public void WriteRaw(byte[] name, ReadOnlySpan<byte> json)
    {
        WriteName(name, json.Length);
        json.CopyTo(_bytes.AsSpan(_count));
        _count += json.Length;
    }

    /// <summary>Begins the record itself, or an item of a list.</summary>
    public void StartObject()
    {
        EnsureRoom(2);
        if (_count > 0 && _bytes[_count - 1] != '[')
        {
            _bytes[_count++] = (byte)',';
        }

        _bytes[_count++] = (byte)'{';
    }

    /// <inheritdoc cref="WriteText"/>
    public void StartObject(byte[] name) => WriteRaw(name, "{"u8);

    public void EndObject() => End((byte)'}');

    /// <inheritdoc cref="WriteText"/>
    public void StartList(byte[] name) => WriteRaw(name, "["u8);

    public void EndList() => End((byte)']');

    private void End(byte bracket)
    {
        EnsureRoom(1);
        _bytes[_count++] = bracket;
    }

    // No value ends in an opening brace: the field after one is the first of its object, and has no comma before it.
    private void WriteName(byte[] name, int room)
    {
        EnsureRoom(name.Length + room);
        var written = name.AsSpan(_bytes[_count - 1] == '{' ? 1 : 0);
        written.CopyTo(_bytes.AsSpan(_count));
        _count += written.Length;
    }

    private void WriteEscaped(ReadOnlySpan<byte> utf8)
    {
        bool isDone;
        do
        {
            isDone = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(utf8, _bytes.AsSpan(_count), out var read, out var written) == OperationStatus.Done;
            _count += written;
            utf8 = utf8[read..];
            EnsureRoom(isDone ? 1 : 2 * utf8.Length + UsualRoom);
        }
        while (!isDone);
    }

    private void EnsureRoom(int more)
    {
        if (_bytes.Length - _count < more)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _count + more));
        }
    }
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace PortalSimulator.Effects;

/// <summary>
/// The list of everything that was ever applied, in order, append-only, one JSON line each. Memory holds eight bytes an effect; the content
/// is read back from the file. One appender at a time (the caller's lock); readers need none, for what is written never changes.
/// </summary>
internal sealed class EffectsLedger : IDisposable
{
    private const string FileName = "effects.ndjson";

    private readonly SafeFileHandle _file;
    private readonly TimeProvider _clock;
    private readonly ArrayBufferWriter<byte> _lines = new(64 * 1024);

    // Vietnamese stays readable in the file.
    private readonly Utf8JsonWriter _json;
    private readonly List<long> _ends = [];

    private EffectsLedger(SafeFileHandle file, TimeProvider clock)
    {
        _file = file;
        _clock = clock;
        _json = new Utf8JsonWriter(_lines, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    public int Count => _ends.Count;

    /// <param name="folder">Null: a temporary file that goes away with the process.</param>
    /// <param name="known">Told every effect the file holds already, in order.</param>
    /// <exception cref="InvalidDataException">A line other than a torn last one cannot be read.</exception>
    public static EffectsLedger Open(string? folder, TimeProvider clock, Action<Effect> known)
    {
        var path = folder is null ? Path.GetTempFileName() : Path.Combine(Directory.CreateDirectory(folder).FullName, FileName);
        var file = File.OpenHandle(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, folder is null ? FileOptions.DeleteOnClose : FileOptions.None);
        var ledger = new EffectsLedger(file, clock);
        try
        {
            ledger.Load(known);
            return ledger;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>Writes all of them in one go; when that fails, none of them is there.</summary>
    public void Append(IReadOnlyList<NewEffect> effects)
    {
        var before = _ends.Count;
        var start = End(before);
        var time = _clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
        _lines.ResetWrittenCount();
        try
        {
            foreach (var effect in effects)
            {
                WriteLine(_ends.Count + 1, time, effect);
                _ends.Add(start + _lines.WrittenCount);
            }

            RandomAccess.Write(_file, _lines.WrittenSpan, start);
        }
        catch
        {
            _ends.RemoveRange(before, _ends.Count - before);
            RandomAccess.SetLength(_file, start);
            throw;
        }
    }

    /// <param name="index">From 0.</param>
    public Effect Read(int index)
    {
        var line = new byte[_ends[index] - End(index) - 1];
        return ReadFully(line, End(index)) == line.Length ? Effect.Parse(line) : throw new InvalidDataException("The file of effects was cut by someone else.");
    }

    /// <summary>Where the lines of some effects stand in the file.</summary>
    /// <param name="after">The last effect not wanted, from 1; 0: from the first.</param>
    public (long Start, long End) Range(long after, long limit)
    {
        var first = (int)Math.Clamp(after, 0, _ends.Count);
        var last = first + (int)Math.Min(_ends.Count - first, Math.Max(0, limit));
        return (End(first), End(last));
    }

    /// <summary>Bytes of the file, whole lines when asked for a <see cref="Range"/>.</summary>
    /// <returns>How many there were.</returns>
    public int ReadBytes(Span<byte> into, long start) => ReadFully(into, start);

    /// <summary>Forgets everything. Only for starting over.</summary>
    public void Clear()
    {
        RandomAccess.SetLength(_file, 0);
        _ends.Clear();
    }

    public void Dispose()
    {
        _json.Dispose();
        _file.Dispose();
    }

    private long End(int count) => count == 0 ? 0 : _ends[count - 1];

    private void WriteLine(long seq, string time, NewEffect effect)
    {
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("seq"u8, seq);
        _json.WriteString("time"u8, time);
        _json.WriteString("service"u8, effect.Service);
        _json.WriteString("key"u8, effect.Key);
        _json.WriteString("kind"u8, effect.Kind);
        _json.WriteString("sha256"u8, Convert.ToHexStringLower(effect.Digest));
        _json.WriteString("raw"u8, effect.Raw.Span);
        _json.WriteEndObject();
        _json.Flush();
        _lines.Write("\n"u8);
    }

    private void Load(Action<Effect> known)
    {
        var length = RandomAccess.GetLength(_file);
        var buffer = new byte[1 << 20];
        var held = 0;
        var position = 0L;
        while (position + held < length)
        {
            if (held == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var read = RandomAccess.Read(_file, buffer.AsSpan(held), position + held);
            if (read == 0)
            {
                break;
            }

            held += read;
            var taken = 0;
            for (int end; (end = buffer.AsSpan(taken, held - taken).IndexOf((byte)'\n')) >= 0; taken += end + 1)
            {
                known(ParseNext(buffer.AsSpan(taken, end)));
                _ends.Add(position + taken + end + 1);
            }

            buffer.AsSpan(taken, held - taken).CopyTo(buffer);
            position += taken;
            held -= taken;
        }

        // A line without an end was being written when the process ended: its call was never answered.
        RandomAccess.SetLength(_file, End(_ends.Count));
    }

    private Effect ParseNext(ReadOnlySpan<byte> line)
    {
        try
        {
            var effect = Effect.Parse(line);
            return effect.Seq == _ends.Count + 1 ? effect : throw new JsonException("The numbers have a gap.");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{FileName}, line {_ends.Count + 1}, is no effect. Restore the file, or start in an empty folder.", failure);
        }
    }

    private int ReadFully(Span<byte> into, long start)
    {
        var total = 0;
        for (int read; total < into.Length && (read = RandomAccess.Read(_file, into[total..], start + total)) > 0; total += read)
        {
        }

        return total;
    }
}

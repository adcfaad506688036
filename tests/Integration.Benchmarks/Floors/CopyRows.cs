using System.Buffers.Binary;
using Npgsql;

namespace Integration.Benchmarks.Floors;

/// <summary>Rows of a binary COPY, as they came over the wire.</summary>
internal sealed class CopyRows : IAsyncDisposable
{
    private const int HeaderLength = 19;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlRawCopyStream _stream;
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private readonly (int Start, int Length)[] _fields = new (int, int)[32];

    private CopyRows(NpgsqlConnection connection, NpgsqlRawCopyStream stream) => (_connection, _stream) = (connection, stream);

    public static async Task<CopyRows> OpenAsync(NpgsqlDataSource source, string query)
    {
        var connection = await source.OpenConnectionAsync();
        var rows = new CopyRows(connection, await connection.BeginRawBinaryCopyAsync($"COPY ({query}) TO STDOUT (FORMAT binary)"));
        while (rows._end < HeaderLength)
        {
            await rows.FillAsync();
        }

        rows._start = HeaderLength;
        return rows;
    }

    public bool IsNull(int column) => _fields[column].Length < 0;

    public ReadOnlySpan<byte> Text(int column) => _buffer.AsSpan(_fields[column].Start, Math.Max(0, _fields[column].Length));

    public async ValueTask<bool> NextAsync()
    {
        while (true)
        {
            switch (Parse())
            {
                case Parsed.Row: return true;
                case Parsed.End: return false;
                default: await FillAsync(); break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private enum Parsed
    {
        Row,
        End,
        Short,
    }

    private Parsed Parse()
    {
        var at = _start;
        if (_end - at < 2)
        {
            return Parsed.Short;
        }

        var count = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(at));
        if (count < 0)
        {
            return Parsed.End;
        }

        at += 2;
        for (var i = 0; i < count; i++)
        {
            if (_end - at < 4)
            {
                return Parsed.Short;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
            at += 4;
            if (_end - at < length)
            {
                return Parsed.Short;
            }

            _fields[i] = (at, length);
            at += Math.Max(0, length);
        }

        _start = at;
        return Parsed.Row;
    }

    private async ValueTask FillAsync()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None);
        _end += read == 0 ? throw new InvalidDataException("The copy ended in the middle of a row.") : read;
    }
}

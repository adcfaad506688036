using System.Buffers.Binary;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>
/// Rows of <c>COPY (…) TO STDOUT (FORMAT binary)</c>, cell by cell as they came over the wire. Values are good until the next row.
/// See "Binary Format" under COPY in PostgreSQL's manual.
/// </summary>
/// <param name="columns">Cells of a row.</param>
/// <param name="largest">Bytes that a cell may have.</param>
/// <param name="timeout">How long the server may take for the next bytes; then the statement is ended on the server, which says so.</param>
internal sealed class CopyStream(NpgsqlRawCopyStream stream, int columns, int largest, TimeSpan timeout) : IAsyncDisposable
{
    // Signature, flags and the length of the extension, which no server has used.
    private const int HeaderLength = 11 + 4 + 4;

    private readonly (int Start, int Length)[] _cells = new (int, int)[columns];
    private byte[] _buffer = new byte[64 * 1024];
    private int _toSkip = HeaderLength;
    private int _start;
    private int _end;
    private bool _isOver;
    private bool _isDisposed;

    /// <param name="sql">A SELECT.</param>
    /// <param name="cancel">Ends what the connection runs, on the server.</param>
    /// <inheritdoc cref="CopyStream(NpgsqlRawCopyStream, int, int, TimeSpan)"/>
    public static async Task<CopyStream> BeginAsync(NpgsqlConnection connection, string sql, int columns, int largest, TimeSpan timeout, Func<Task> cancel, CancellationToken cancellationToken)
    {
        // Comes back with the first row, and cancelled by its token it would break the connection and leave the server at work.
        var beginning = connection.BeginRawBinaryCopyAsync($"COPY (\n{sql}\n) TO STDOUT (FORMAT binary)", CancellationToken.None);
        try
        {
            await beginning.WaitAsync(timeout, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (!beginning.IsCompleted)
            {
                await cancel();
            }
        }

        var stream = await beginning;
        stream.ReadTimeout = connection.CommandTimeout * 1000;
        return new CopyStream(stream, columns, largest, timeout);
    }

    public bool IsNull(int column) => _cells[column].Length < 0;

    /// <summary>The cell's bytes; empty for NULL.</summary>
    public ReadOnlySpan<byte> this[int column] => _buffer.AsSpan(_cells[column].Start, Math.Max(0, _cells[column].Length));

    /// <returns>False at the end.</returns>
    /// <exception cref="CellTooLargeException">Nothing of the row was taken.</exception>
    /// <exception cref="IOException">The rows do not have as many cells as were asked for.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        // Broken off is not at the end.
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        while (!_isOver && !TryParse())
        {
            await FillAsync(cancellationToken);
        }

        return !_isOver;
    }

    /// <summary>Ends the statement on the server too, however much of it is still to come.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_isOver && !_isDisposed)
            {
                _isDisposed = true;
                await stream.CancelAsync();
            }

            await stream.DisposeAsync();
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or TimeoutException or OperationCanceledException)
        {
            // It ended with its connection, or with the failure that was told when it was read.
        }
    }

    // Moves on only when the row is there as a whole.
    private bool TryParse()
    {
        var at = _start + _toSkip;
        if (_end - at < sizeof(short))
        {
            return false;
        }

        var count = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(at));
        at += sizeof(short);
        if (count < 0)
        {
            _isOver = true;
            return true;
        }

        if (count != columns)
        {
            throw new IOException($"A row of {columns} cells came with {count}.");
        }

        for (var i = 0; i < count; i++)
        {
            if (_end - at < sizeof(int))
            {
                return false;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
            at += sizeof(int);
            if (length > largest)
            {
                throw new CellTooLargeException();
            }

            if (_end - at < length)
            {
                return false;
            }

            _cells[i] = (at, length);
            at += Math.Max(0, length);
        }

        (_start, _toSkip) = (at, 0);
        return true;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read > 0 ? read : throw new EndOfStreamException("The server ended a COPY in the middle of a row.");
    }

    private async ValueTask<int> ReadAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        // Cancelled without this detour the connection would break, and the server would go on with a long sort for nobody.
        var reading = stream.ReadAsync(room, CancellationToken.None);
        if (reading.IsCompleted)
        {
            return await reading;
        }

        var pending = reading.AsTask();
        try
        {
            return await pending.WaitAsync(timeout, cancellationToken);
        }
        catch (Exception e) when (!pending.IsCompleted && e is TimeoutException or OperationCanceledException)
        {
            await stream.CancelAsync();
            return await pending;
        }
    }
}

/// <summary>A cell has more bytes than are taken off the wire.</summary>
internal sealed class CellTooLargeException() : IOException("A cell is larger than what may be read.");

namespace Integration.Extract.Sql;

/// <summary>Where in their order the rows of a statement have got to.</summary>
/// <param name="cells">Any that the rows can be read by.</param>
/// <param name="columns">Ordinals of what the rows are ordered by.</param>
internal sealed class PostgresPlace(PostgresCells cells, int[] columns)
{
    private readonly byte[][] _bytes = [.. columns.Select(static _ => Array.Empty<byte>())];
    private readonly int[] _lengths = new int[columns.Length];
    private bool _isKnown;

    /// <summary>Rows from the first one at <see cref="Values"/> on.</summary>
    public long Since { get; private set; }

    /// <summary>Of the columns, in the server's own text form; null before the first row that has such values.</summary>
    public string[]? Values => _isKnown ? [.. columns.Select((c, i) => cells.ValueOf(_bytes[i].AsSpan(0, _lengths[i]), c)!)] : null;

    /// <param name="row">The next one.</param>
    public void Pass(CopyStream row)
    {
        Since++;
        for (var i = 0; i < columns.Length; i++)
        {
            if (!cells.HasValue(row, columns[i]))
            {
                return;
            }
        }

        for (var i = 0; i < columns.Length; i++)
        {
            var bytes = cells.BytesOf(row, columns[i]);
            if (_isKnown && bytes.SequenceEqual(_bytes[i].AsSpan(0, _lengths[i])))
            {
                continue;
            }

            if (_bytes[i].Length < bytes.Length)
            {
                _bytes[i] = new byte[2 * bytes.Length];
            }

            bytes.CopyTo(_bytes[i]);
            (_lengths[i], Since) = (bytes.Length, 1);
        }

        _isKnown = true;
    }
}

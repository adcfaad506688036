using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>
/// Lines child rows up with their parents, and lets no parent have more of them than a record can hold: such a list becomes one row that
/// cannot be read, so that the record is refused and never sent with a part of it.
/// </summary>
internal sealed class ChildLimit(RowPage page, int parents, int limit)
{
    private readonly int[] _starts = new int[parents + 1];
    private int _parent;
    private int _textBefore = page.TextLength;
    private bool _isFull;

    /// <returns>False when the parent's list is beyond the limit already and the row is to be passed over.</returns>
    public bool Takes(int parent)
    {
        if (parent != _parent)
        {
            while (_parent < parent)
            {
                _starts[++_parent] = page.Count;
            }

            (_textBefore, _isFull) = (page.TextLength, false);
        }

        return !_isFull;
    }

    /// <summary>Closes the row whose cells were just added.</summary>
    public void End()
    {
        page.EndRow();
        var first = _starts[_parent];
        if (page.Count - first <= Oversize.MostChildren && page.TextLength - _textBefore <= limit)
        {
            return;
        }

        _isFull = true;
        page.CutBack(first, _textBefore);
        for (var i = 0; i < page.Shape.Count; i++)
        {
            page.AddUnreadable(Oversize.Children(limit));
        }

        page.EndRow();
    }

    public int[] Starts()
    {
        while (_parent < parents)
        {
            _starts[++_parent] = page.Count;
        }

        return _starts;
    }
}

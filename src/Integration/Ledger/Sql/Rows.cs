namespace Integration.Ledger.Sql;

internal enum ColumnType : byte
{
    Bigint,
    Integer,
    Smallint,
    Boolean,
    Text,
    Bytes,
    Uuid,
}

/// <param name="Values">As many as the table has rows; null stands for NULL.</param>
internal sealed record Column(string Name, ColumnType Type, Array Values);

/// <summary>Values for one statement over many rows, column by column; in SQL it is the table <c>r</c>.</summary>
internal sealed class Rows
{
    private readonly List<Column> _columns = [];

    public IReadOnlyList<Column> Columns => _columns;

    public int Count => _columns.Count == 0 ? 0 : _columns[0].Values.Length;

    public static Rows Of(string name, long[] values) => new Rows().Add(name, values);

    public static Rows Of(string name, Guid[] values) => new Rows().Add(name, values);

    public Rows Add(string name, long[] values) => Add(name, ColumnType.Bigint, values);

    public Rows Add(string name, long?[] values) => Add(name, ColumnType.Bigint, values);

    public Rows Add(string name, int[] values) => Add(name, ColumnType.Integer, values);

    public Rows Add(string name, short[] values) => Add(name, ColumnType.Smallint, values);

    public Rows Add(string name, bool[] values) => Add(name, ColumnType.Boolean, values);

    public Rows Add(string name, string?[] values) => Add(name, ColumnType.Text, values);

    public Rows Add(string name, byte[][] values) => Add(name, ColumnType.Bytes, values);

    public Rows Add(string name, Guid[] values) => Add(name, ColumnType.Uuid, values);

    public Rows Add(string name, Guid?[] values) => Add(name, ColumnType.Uuid, values);

    /// <summary>One column made from a list, so that a table is written as it is read.</summary>
    public static T[] Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return values;
    }

    private Rows Add(string name, ColumnType type, Array values)
    {
        _columns.Add(new Column(name, type, values));
        return this;
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>Turns the cells of a binary COPY into those of a page. What has no plain binary form is made text by the server itself.</summary>
/// <param name="toUtc">Turns the connection's wall clock into UTC (null: no such moment, or two); null when it is the pipeline's own.</param>
/// <param name="limit">Bytes that a cell may have.</param>
/// <param name="isGuarded">The server holds back what is larger (<see cref="SizeGuard"/>); else it is <see cref="CopyStream"/> that must not take it.</param>
/// <param name="first">Cells before this one are not the query's.</param>
internal sealed class PostgresCells(IReadOnlyList<Column> columns, Func<DateTime, DateTime?>? toUtc, int limit, bool isGuarded, int first = 0)
{
    // PostgreSQL counts days and microseconds from here; its infinities are the largest and smallest numbers.
    private static readonly DateTime Epoch = new(2000, 1, 1);

    // A value stored in more than so many times the limit is not made text to be measured.
    private const int MostStored = 4;

    private static readonly long s_firstDay = (DateTime.MinValue - Epoch).Days;
    private static readonly long s_lastDay = (DateTime.MaxValue.Date - Epoch).Days;
    private static readonly long s_firstTime = (DateTime.MinValue - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long s_lastTime = (DateTime.MaxValue - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private readonly Column[] _columns = [.. columns];
    private readonly bool[] _isNumeric = [.. columns.Select(static c => c.TypeName == "numeric")];
    private readonly long[] _sizes = new long[columns.Count];
    private readonly PostgresNumeric _numeric = new();

    /// <summary>Cells of a row of <see cref="Select"/>, with those that come before it.</summary>
    public int Count { get; } = first + columns.Count + (isGuarded ? 1 : 0);

    /// <summary>Bytes of a cell that are taken off the wire.</summary>
    public int Largest { get; } = isGuarded ? int.MaxValue : limit;

    /// <param name="alias">Of the query the columns come from.</param>
    public string Select(string alias) => isGuarded
        ? SizeGuard.Select(alias, _columns, limit, Size, Value, static sizes => $"greatest({string.Join(", ", sizes)})")
        : string.Join(", ", _columns.Select(c => $"{Value(c, $"{alias}.{Statements.Quote(c.Name)}")} AS {Statements.Quote(c.Name)}"));

    public long IntegerOf(CopyStream row, int column) => Integer(row[first + column], column);

    /// <summary>Null also for bytes that are no text in the database's encoding: they cannot be a key or a watermark.</summary>
    public string? ValueOf(CopyStream row, int column) => row.IsNull(first + column) ? null : ValueOf(row[first + column], column);

    /// <param name="bytes">Of a cell that is not NULL.</param>
    /// <inheritdoc cref="ValueOf(CopyStream, int)"/>
    public string? ValueOf(ReadOnlySpan<byte> bytes, int column) => _columns[column].Kind switch
    {
        ColumnKind.Integer => Integer(bytes, column).ToString(CultureInfo.InvariantCulture),
        ColumnKind.Number when _isNumeric[column] => Encoding.ASCII.GetString(_numeric.Write(bytes)),
        ColumnKind.Boolean => bytes[0] == 0 ? "f" : "t",
        ColumnKind.Date => BinaryPrimitives.ReadInt32BigEndian(bytes) switch
        {
            int.MaxValue => "infinity",
            int.MinValue => "-infinity",
            var days => Day(days)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        },
        ColumnKind.LocalTime => TimeOf(bytes, "yyyy-MM-dd HH:mm:ss.FFFFFF"),
        ColumnKind.Instant => TimeOf(bytes, "yyyy-MM-dd HH:mm:ss.FFFFFF'+00'"),
        _ => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null,
    };

    /// <summary>Whether <see cref="ValueOf(CopyStream, int)"/> gives one.</summary>
    public bool HasValue(CopyStream row, int column) => !row.IsNull(first + column) && _columns[column].Kind switch
    {
        ColumnKind.Integer or ColumnKind.Number or ColumnKind.Boolean => true,
        ColumnKind.Date => BinaryPrimitives.ReadInt32BigEndian(row[first + column]) is var days && (days is int.MinValue or int.MaxValue || Day(days) is not null),
        ColumnKind.LocalTime or ColumnKind.Instant =>
            BinaryPrimitives.ReadInt64BigEndian(row[first + column]) is var time && (time is long.MinValue or long.MaxValue || Time(time) is not null),
        _ => Utf8.IsValid(row[first + column]),
    };

    public ReadOnlySpan<byte> BytesOf(CopyStream row, int column) => row[first + column];

    public void AddTo(RowPage page, CopyStream row)
    {
        var tooLarge = isGuarded ? row[first + _columns.Length] : default;
        if (!tooLarge.IsEmpty)
        {
            SizeGuard.Read(tooLarge, _sizes);
        }

        for (var i = 0; i < _columns.Length; i++)
        {
            if (!tooLarge.IsEmpty && _sizes[i] > 0)
            {
                page.AddUnreadable(Oversize.Bytes(_sizes[i], limit));
            }
            else if (row.IsNull(first + i))
            {
                page.AddNull();
            }
            else
            {
                Add(page, i, row[first + i]);
            }
        }
    }

    private void Add(RowPage page, int index, ReadOnlySpan<byte> value)
    {
        var column = _columns[index];
        switch (column.Kind)
        {
            case ColumnKind.Integer:
                page.AddInteger(Integer(value, index));
                break;
            case ColumnKind.Number when (_isNumeric[index] ? _numeric.Write(value) : value) is var number && char.IsAsciiDigit((char)number[^1]):
                AddNumber(page, number);
                break;
            case ColumnKind.Boolean:
                page.AddBoolean(value[0] != 0);
                break;
            case ColumnKind.Date when Day(BinaryPrimitives.ReadInt32BigEndian(value)) is { } day:
                page.AddDate(DateOnly.FromDateTime(day));
                break;
            case ColumnKind.LocalTime when Time(BinaryPrimitives.ReadInt64BigEndian(value)) is { } time:
                AddLocal(page, time);
                break;
            case ColumnKind.Instant when Time(BinaryPrimitives.ReadInt64BigEndian(value)) is { } instant:
                page.AddInstant(instant);
                break;
            case ColumnKind.Text when page.TryAddText(value):
                break;
            case ColumnKind.Text:
                page.AddUnreadable("byte không hợp lệ trong bảng mã / bytes invalid in the encoding");
                break;
            case ColumnKind.Unreadable:
                page.AddUnreadable($"kiểu {column.TypeName} không có giá trị đơn / type {column.TypeName} holds no single value");
                break;
            default:
                page.AddUnreadable($"giá trị ngoài miền của {column.TypeName}: NaN, infinity, trước Công nguyên hay sau năm 9999 / beyond {column.TypeName}: NaN, infinity, BC or after 9999");
                break;
        }
    }

    private void AddNumber(RowPage page, ReadOnlySpan<byte> number)
    {
        if (number.Length > limit)
        {
            page.AddUnreadable(Oversize.Bytes(number.Length, limit));
        }
        else
        {
            page.TryAddNumber(number);
        }
    }

    private void AddLocal(RowPage page, DateTime time)
    {
        if (toUtc is null)
        {
            page.AddLocalTime(time);
        }
        else if (toUtc(time) is { } utc)
        {
            page.AddInstant(utc);
        }
        else
        {
            page.AddUnreadable("giờ không tồn tại hoặc có hai lần trong múi giờ đã khai / no such time, or twice, in the declared zone");
        }
    }

    private long Integer(ReadOnlySpan<byte> bytes, int column) => bytes.Length switch
    {
        sizeof(short) => BinaryPrimitives.ReadInt16BigEndian(bytes),
        sizeof(int) when _columns[column].TypeName == "oid" => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        sizeof(int) => BinaryPrimitives.ReadInt32BigEndian(bytes),
        _ => BinaryPrimitives.ReadInt64BigEndian(bytes),
    };

    // What is sent counts, so that a value is as large here as on the wire.
    private string? Size(Column column, string cell) => column switch
    {
        { Kind: ColumnKind.Text } when IsPlainText(column) || column.TypeName == "xml" => $"octet_length({cell}::text)",
        { Kind: ColumnKind.Text, TypeName: not "uuid" } => string.Create(
            CultureInfo.InvariantCulture, $"CASE WHEN pg_column_size({cell}) > {MostStored * (long)limit} THEN pg_column_size({cell}) ELSE octet_length(concat({cell})) END"),
        _ => null,
    };

    private static string Value(Column column, string cell) => column.Kind switch
    {
        ColumnKind.Unreadable => $"CASE WHEN {cell} IS NOT NULL THEN '' END",
        ColumnKind.Number when column.TypeName != "numeric" => $"{cell}::text",

        // The one function that writes every type as the server shows it; a cast does not (inet).
        ColumnKind.Text when !IsPlainText(column) => $"CASE WHEN {cell} IS NOT NULL THEN concat({cell}) END",

        // Says nothing new, unless the column was altered since it was described: then the bytes would be read as something else.
        _ => $"{cell}::{column.TypeName}",
    };

    private static bool IsPlainText(Column column) => column.TypeName is "text" or "character varying" or "character" or "bpchar" or "json" or "name";

    private static string? TimeOf(ReadOnlySpan<byte> bytes, string format) => BinaryPrimitives.ReadInt64BigEndian(bytes) switch
    {
        long.MaxValue => "infinity",
        long.MinValue => "-infinity",
        var microseconds => Time(microseconds)?.ToString(format, CultureInfo.InvariantCulture),
    };

    /// <returns>Null outside the years 1 to 9999.</returns>
    private static DateTime? Day(int days) => days >= s_firstDay && days <= s_lastDay ? Epoch.AddDays(days) : null;

    /// <returns>Null outside the years 1 to 9999.</returns>
    private static DateTime? Time(long microseconds) =>
        microseconds >= s_firstTime && microseconds <= s_lastTime ? Epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond) : null;
}

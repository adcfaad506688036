using System.Globalization;
using System.Text;
using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>The current row of a reader, column by column in PostgreSQL's own text form.</summary>
/// <param name="toUtc">Turns the connection's wall clock into UTC (null: no such moment, or two); null when it is the pipeline's own.</param>
/// <param name="first">Columns before this one are not the query's.</param>
internal sealed class PostgresCells(IReadOnlyList<Column> columns, Func<DateTime, DateTime?>? toUtc, int limit, int first = 0)
{
    private readonly string?[] _values = new string?[columns.Count];
    private readonly bool[] _garbled = new bool[columns.Count];
    private readonly long[] _sizes = new long[columns.Count];

    public static string Select(string alias, IReadOnlyList<Column> columns, int limit) => SizeGuard.Select(
        alias, columns, limit,
        static (column, cell) => column switch
        {
            { Kind: ColumnKind.Text, TypeName: "text" or "character varying" or "character" or "json" or "xml" } => $"octet_length({cell}::text)",
            { Kind: ColumnKind.Text, TypeName: not "uuid" } or { Kind: ColumnKind.Number } => $"pg_column_size({cell})",
            _ => null,
        },
        static (column, cell) => column.Kind == ColumnKind.Unreadable ? $"CASE WHEN {cell} IS NOT NULL THEN '' END" : cell,
        static sizes => $"greatest({string.Join(", ", sizes)})");

    public static Column Describe(string name, uint type, string typeName, char category) => new(
        name,
        type switch
        {
            16 => ColumnKind.Boolean,
            20 or 21 or 23 or 26 => ColumnKind.Integer,
            700 or 701 or 1700 => ColumnKind.Number,
            1082 => ColumnKind.Date,
            1114 => ColumnKind.LocalTime,
            1184 => ColumnKind.Instant,
            17 => ColumnKind.Unreadable,
            _ when category is 'A' or 'C' or 'P' or 'R' => ColumnKind.Unreadable,
            _ => ColumnKind.Text,
        },
        typeName,
        category is 'B' or 'D' or 'E' or 'I' or 'N' or 'S' or 'T' or 'V');

    public void Read(NpgsqlDataReader reader)
    {
        SizeGuard.Read(reader.GetString(first + columns.Count), _sizes);
        for (var i = 0; i < _values.Length; i++)
        {
            _garbled[i] = false;
            try
            {
                _values[i] = reader.IsDBNull(first + i) ? null : reader.GetString(first + i);
            }
            catch (Exception e) when (e is DecoderFallbackException || e.InnerException is DecoderFallbackException)
            {
                _values[i] = "";
                _garbled[i] = true;
            }
        }
    }

    /// <summary>Null also for bytes that are no text in the database's encoding: they cannot be a key or a watermark.</summary>
    public string? ValueOf(int column) => _garbled[column] ? null : _values[column];

    public void AddTo(RowPage page)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            if (_sizes[i] > 0)
            {
                page.AddUnreadable(Oversize.Bytes(_sizes[i], limit));
            }
            else if (_garbled[i])
            {
                page.AddUnreadable("byte không hợp lệ trong bảng mã / bytes invalid in the encoding");
            }
            else if (_values[i] is { } value)
            {
                Add(page, columns[i], value);
            }
            else
            {
                page.AddNull();
            }
        }
    }

    private void Add(RowPage page, Column column, string value)
    {
        switch (column.Kind)
        {
            case ColumnKind.Integer when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                page.AddInteger(number);
                break;
            case ColumnKind.Number when char.IsAsciiDigit(value[^1]):
                page.AddNumber(value);
                break;
            case ColumnKind.Boolean:
                page.AddBoolean(value == "t");
                break;
            case ColumnKind.Date when Moment.TryParseDay(value, out var day):
                page.AddDate(DateOnly.FromDateTime(day));
                break;
            case ColumnKind.LocalTime when Moment.TryParse(value, out var time, out var none) && none.IsEmpty:
                AddLocal(page, time);
                break;
            case ColumnKind.Instant when Moment.TryParse(value, out var instant, out var zone) && zone is "+00":
                page.AddInstant(instant);
                break;
            case ColumnKind.Text:
                page.AddText(value);
                break;
            case ColumnKind.Unreadable:
                page.AddUnreadable($"kiểu {column.TypeName} không có giá trị đơn / type {column.TypeName} holds no single value");
                break;
            default:
                page.AddUnreadable($"giá trị ngoài miền của {column.TypeName}: NaN, infinity, trước Công nguyên hay sau năm 9999 / beyond {column.TypeName}: NaN, infinity, BC or after 9999");
                break;
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
}

using System.Globalization;
using System.Text.Unicode;
using Integration.Records;
using SQLitePCL;

namespace Integration.Extract.Sql;

/// <summary>The current row of a SQLite statement, value by value as it is stored.</summary>
internal sealed class SqliteCells(int columns, int limit)
{
    /// <summary>Put before a text in the text form of values; whole numbers have none.</summary>
    public const string TextMark = "'";

    private const string RealMark = "~";
    private const string BlobMark = "x'";

    private readonly long[] _sizes = new long[columns];

    public static string Select(string alias, IReadOnlyList<Column> columns, int limit) =>
        SizeGuard.Select(alias, columns, limit, static (_, cell) => $"octet_length({cell})", static (_, cell) => cell);

    public void AddTo(RowPage page, sqlite3_stmt row, int first = 0)
    {
        SizeGuard.Read(raw.sqlite3_column_blob(row, first + columns), _sizes);
        for (var i = 0; i < columns; i++)
        {
            if (_sizes[i] > 0)
            {
                page.AddUnreadable(Oversize.Bytes(_sizes[i], limit));
            }
            else
            {
                Add(page, row, first + i);
            }
        }
    }

    /// <returns>Null for NULL and for text that is no UTF-8.</returns>
    public static string? ValueOf(sqlite3_stmt row, int column) => raw.sqlite3_column_type(row, column) switch
    {
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(row, column).ToString(CultureInfo.InvariantCulture),
        raw.SQLITE_FLOAT => RealMark + raw.sqlite3_column_double(row, column).ToString("R", CultureInfo.InvariantCulture),
        raw.SQLITE_TEXT => Utf8.IsValid(raw.sqlite3_column_blob(row, column)) ? TextMark + raw.sqlite3_column_text(row, column).utf8_to_string() : null,
        raw.SQLITE_BLOB => BlobMark + Convert.ToHexString(raw.sqlite3_column_blob(row, column)),
        _ => null,
    };

    /// <summary>The value that <see cref="ValueOf"/> wrote.</summary>
    public static object Parse(string value) => value switch
    {
        ['x', '\'', .. var hex] => Convert.FromHexString(hex),
        ['\'', .. var text] => text,
        ['~', .. var real] => double.Parse(real, CultureInfo.InvariantCulture),
        _ => long.Parse(value, CultureInfo.InvariantCulture),
    };

    private static void Add(RowPage page, sqlite3_stmt row, int column)
    {
        switch (raw.sqlite3_column_type(row, column))
        {
            case raw.SQLITE_NULL:
                page.AddNull();
                break;
            case raw.SQLITE_INTEGER:
                page.AddInteger(raw.sqlite3_column_int64(row, column));
                break;
            case raw.SQLITE_FLOAT when raw.sqlite3_column_double(row, column) is var real && double.IsFinite(real):
                Span<char> digits = stackalloc char[32];
                real.TryFormat(digits, out var length, "R", CultureInfo.InvariantCulture);
                page.AddNumber(digits[..length]);
                break;
            case raw.SQLITE_TEXT:
                // The stored bytes themselves: reading them as text would put U+FFFD in the place of bad ones.
                if (!page.TryAddText(raw.sqlite3_column_blob(row, column)))
                {
                    page.AddUnreadable("byte không hợp lệ trong UTF-8 / bytes invalid in UTF-8");
                }

                break;
            case raw.SQLITE_BLOB:
                page.AddUnreadable("dữ liệu nhị phân / binary data");
                break;
            default:
                page.AddUnreadable("số vô hạn / an infinite number");
                break;
        }
    }
}

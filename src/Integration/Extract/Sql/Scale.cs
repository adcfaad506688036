using System.Globalization;
using System.Numerics;

namespace Integration.Extract.Sql;

/// <summary>Compares and moves watermark values in their text form, as far as the kind of column allows it.</summary>
/// <param name="model">A value written as the column writes its times, for values that are no time (infinity).</param>
/// <param name="mark">Put before a text by the database's text form (SQLite tells texts from numbers by it).</param>
internal sealed class Scale(ScaleKind kind, Horizon horizon, TimeZoneInfo zone, string model = "2000-01-01 00:00:00", string mark = "")
{
    /// <summary>How far ahead of the database's clock a watermark may be before it is told.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>A stored watermark is of the column's kind. A SQLite column has none: its values carry their own.</summary>
    public bool Knows(string stored) => kind switch
    {
        ScaleKind.Time when mark.Length == 0 => TryTime(stored, out _) || IsBeforeTime(stored) || stored == "infinity",
        ScaleKind.Number => Number(stored) is not null,
        _ => true,
    };

    /// <summary>The value is certainly not beyond the horizon.</summary>
    public bool IsWithin(string value) => kind switch
    {
        ScaleKind.Time => TryTime(value, out var time) ? time <= Now(value) : IsBeforeTime(value),
        ScaleKind.Number => Number(value) is { } n && Number(horizon.Highest) is { } highest && n <= highest,
        ScaleKind.Unbounded => true,
        _ => false,
    };

    /// <summary>The value, or the horizon where the value may be beyond it; null when the horizon cannot be told.</summary>
    public string? Clamp(string value) => IsWithin(value) ? value : kind == ScaleKind.Time ? Write(Now(value), value) : horizon.Highest;

    /// <summary>Where reading starts again for a watermark that was reached.</summary>
    public string Back(string value, TimeSpan lag)
    {
        if (kind != ScaleKind.Time)
        {
            return WentBack(value) ? horizon.Highest ?? value : value;
        }

        if (!TryTime(value, out var time))
        {
            return value;
        }

        var now = Now(value);
        var from = time < now ? time : now;
        return Write(from - DateTime.MinValue > lag ? from - lag : DateTime.MinValue, value);
    }

    /// <summary>A stored watermark lies beyond what the database can have given: its clock, or its content, went back.</summary>
    public bool WentBack(string stored) => kind switch
    {
        ScaleKind.Time => TryTime(stored, out var time) && time > Now(stored),
        ScaleKind.Number => !IsWithin(stored),
        _ => false,
    };

    /// <summary>A row is stamped well beyond the database's clock.</summary>
    public bool IsAhead(string value) =>
        kind == ScaleKind.Time && (TryTime(value, out var time) ? time - Now(value) > Ahead : !IsBeforeTime(value));

    private bool TryTime(string value, out DateTime time)
    {
        time = default;
        return value.StartsWith(mark, StringComparison.Ordinal) && Moment.TryParse(value.AsSpan(mark.Length), out time, out _);
    }

    // The horizon's clock as the column would write it: UTC where it writes a zone of +00 or Z, else the source's zone; days for days.
    private DateTime Now(string like)
    {
        var shape = Shape(like);
        var isUtc = Moment.TryParse(shape, out _, out var suffix) && (suffix is "Z" || suffix.StartsWith("+00"));
        var now = isUtc ? horizon.Now : TimeZoneInfo.ConvertTimeFromUtc(horizon.Now, zone);
        return shape.Length == 10 ? now.Date : now;
    }

    private string Write(DateTime time, string like) => mark + Moment.Write(time, Shape(like));

    private ReadOnlySpan<char> Shape(string like) => TryTime(like, out _) ? like.AsSpan(mark.Length) : model;

    // -infinity and years before Christ.
    private static bool IsBeforeTime(string value) => value.StartsWith('-') || value.EndsWith("BC", StringComparison.Ordinal);

    private static BigInteger? Number(string? value) =>
        BigInteger.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}

internal enum ScaleKind
{
    /// <summary>Days or times.</summary>
    Time,

    /// <summary>Whole numbers that grow, such as a row version.</summary>
    Number,

    /// <summary>Anything else the database can order.</summary>
    Opaque,

    /// <summary>No clock and no late commits: nothing to bound.</summary>
    Unbounded,
}

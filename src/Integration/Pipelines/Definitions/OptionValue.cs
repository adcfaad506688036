using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>Single values of options as people write them: <c>30s</c>, <c>true</c>, <c>sweep</c>.</summary>
internal static partial class OptionValue
{
    public static bool IsSimple(Type type) =>
        type.IsEnum || type == typeof(string) || type == typeof(int) || type == typeof(long) || type == typeof(bool) || type == typeof(double) ||
        type == typeof(decimal) || type == typeof(TimeSpan);

    /// <returns>Null when the text is none of the type's values.</returns>
    public static object? Parse(Type type, string text)
    {
        var plain = CultureInfo.InvariantCulture;
        return type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, plain, out var whole) ? whole : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, plain, out var large) ? large : null,
            _ when type == typeof(bool) => text switch { "true" => true, "false" => false, _ => null },
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, plain, out var number) && double.IsFinite(number) ? number : null,
            _ when type == typeof(decimal) => decimal.TryParse(text, NumberStyles.Number, plain, out var exact) ? exact : null,
            _ when type == typeof(TimeSpan) => Span(text),
            _ when type.IsEnum => Choice(type, text),
            _ => null,
        };
    }

    /// <summary>Words of an enum, as the file writes them.</summary>
    public static IReadOnlyList<string> Choices(Type type) => [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)];

    public static Text Expected(Type type, string word, string text)
    {
        if (type.IsEnum)
        {
            var choices = string.Join(", ", Choices(type));
            return NearestWord.Of(text, Choices(type)) is { } nearest
                ? new($"'{word}' không có giá trị '{Shown.Word(text)}'; có phải '{nearest}'?", $"'{word}' cannot be '{Shown.Word(text)}'; did you mean '{nearest}'?")
                : new($"'{word}' chỉ nhận: {choices}", $"'{word}' must be one of: {choices}");
        }

        return type switch
        {
            _ when type == typeof(bool) => new($"'{word}' phải là true hoặc false", $"'{word}' must be true or false"),
            _ when type == typeof(TimeSpan) => new($"'{word}' phải là khoảng thời gian như 500ms, 30s, 5m, 2h, 1d", $"'{word}' must be a time span such as 500ms, 30s, 5m, 2h, 1d"),
            _ when type == typeof(int) || type == typeof(long) => new($"'{word}' phải là số nguyên", $"'{word}' must be a whole number"),
            _ => new($"'{word}' phải là một số", $"'{word}' must be a number"),
        };
    }

    /// <summary>Why a limit was not kept, without the value.</summary>
    public static Text Limit(ValidationAttribute limit, string word) => limit switch
    {
        RangeAttribute range => new($"'{word}' phải trong khoảng {Bound(range, range.Minimum)} – {Bound(range, range.Maximum)}",
            $"'{word}' must lie in {Bound(range, range.Minimum)} – {Bound(range, range.Maximum)}"),
        RegularExpressionAttribute form => new($"'{word}' không đúng mẫu {form.Pattern}", $"'{word}' does not have the form {form.Pattern}"),
        StringLengthAttribute length => new($"'{word}' phải dài {length.MinimumLength} – {length.MaximumLength} ký tự",
            $"'{word}' must be {length.MinimumLength} – {length.MaximumLength} characters long"),
        MinLengthAttribute least => new($"'{word}' cần ít nhất {least.Length}", $"'{word}' needs at least {least.Length}"),
        MaxLengthAttribute most => new($"'{word}' có nhiều nhất {most.Length}", $"'{word}' takes at most {most.Length}"),
        _ => new($"'{word}' không hợp lệ: {limit.FormatErrorMessage(word)}", limit.FormatErrorMessage(word)),
    };

    private static string Bound(RangeAttribute range, object bound) =>
        range.OperandType == typeof(TimeSpan) && TimeSpan.TryParse(bound.ToString(), CultureInfo.InvariantCulture, out var span)
            ? Write(span)
            : Convert.ToString(bound, CultureInfo.InvariantCulture) ?? "";

    private static string Write(TimeSpan span) => span switch
    {
        { TotalDays: >= 1, Ticks: var t } when t % TimeSpan.TicksPerDay == 0 => $"{t / TimeSpan.TicksPerDay}d",
        { TotalHours: >= 1, Ticks: var t } when t % TimeSpan.TicksPerHour == 0 => $"{t / TimeSpan.TicksPerHour}h",
        { TotalMinutes: >= 1, Ticks: var t } when t % TimeSpan.TicksPerMinute == 0 => $"{t / TimeSpan.TicksPerMinute}m",
        { Ticks: var t } when t % TimeSpan.TicksPerSecond == 0 => $"{t / TimeSpan.TicksPerSecond}s",
        _ => $"{span.TotalMilliseconds}ms",
    };

    private static object? Choice(Type type, string text)
    {
        foreach (var name in Enum.GetNames(type))
        {
            if (text == JsonNamingPolicy.CamelCase.ConvertName(name) || text == JsonNamingPolicy.KebabCaseLower.ConvertName(name))
            {
                return Enum.Parse(type, name);
            }
        }

        return null;
    }

    private static TimeSpan? Span(string text)
    {
        var parts = SpanForm().Match(text);
        if (!parts.Success)
        {
            return null;
        }

        var count = int.Parse(parts.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return parts.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(count),
            "s" => TimeSpan.FromSeconds(count),
            "m" => TimeSpan.FromMinutes(count),
            "h" => TimeSpan.FromHours(count),
            _ => TimeSpan.FromDays(count),
        };
    }

    [GeneratedRegex("^([0-9]{1,6})(ms|s|m|h|d)$", RegexOptions.NonBacktracking)]
    private static partial Regex SpanForm();
}

using System.Text.Json;
using System.Text.Unicode;

namespace PortalSimulator;

/// <summary>
/// <c>{ session, madonvi, service, isUpdating?, argument?, data: […] }</c>, read in one pass. The records are left as the very bytes that
/// came, so that what is hashed and kept is what was sent and not what a parser made of it.
/// </summary>
internal static class Envelope
{
    /// <exception cref="NoCallException">The body is no envelope.</exception>
    public static Call Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ReadObject(body);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new NoCallException("Nội dung không phải JSON hợp lệ");
        }
    }

    /// <summary>The bare array a provincial relay takes.</summary>
    /// <exception cref="NoCallException">The body is no array of objects.</exception>
    public static IReadOnlyList<Range> ReadRecords(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = Start(body, JsonTokenType.StartArray);
            var records = ReadArray(ref reader);
            return reader.Read() ? throw new NoCallException("Thừa nội dung sau danh sách") : records;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new NoCallException("Nội dung không phải JSON hợp lệ");
        }
    }

    public static bool ReadIsUpdating(string? text) => text switch
    {
        "True" => true,
        "False" => false,
        _ => throw new NoCallException("isUpdating phải là \"True\" hoặc \"False\""),
    };

    private static Call ReadObject(ReadOnlyMemory<byte> body)
    {
        string? session = null, madonvi = null, service = null, argument = null;
        bool? isUpdating = null;
        IReadOnlyList<Range>? records = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var reader = Start(body, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!seen.Add(name))
            {
                throw new NoCallException("Một thuộc tính đứng hai lần");
            }

            reader.Read();
            switch (name)
            {
                case "session":
                    session = Text(ref reader);
                    break;
                case "madonvi":
                    madonvi = Text(ref reader);
                    break;
                case "service":
                    service = Text(ref reader);
                    break;
                case "isUpdating":
                    isUpdating = ReadIsUpdating(Text(ref reader));
                    break;
                case "mahoso" or "maTTHC" or "MADVC":
                    argument = Text(ref reader);
                    break;
                case "data":
                    records = ReadArray(ref reader);
                    break;
                default:
                    throw new NoCallException("Thuộc tính không có trong cấu trúc gói tin");
            }
        }

        if (reader.Read())
        {
            throw new NoCallException("Thừa nội dung sau gói tin");
        }

        RequireOwnArgument(service, seen);
        return new Call(service ?? "", session, madonvi, isUpdating, argument, body, records);
    }

    private static void RequireOwnArgument(string? service, HashSet<string> seen)
    {
        foreach (var argument in (ReadOnlySpan<string>)["mahoso", "maTTHC", "MADVC"])
        {
            if (seen.Contains(argument) && argument != Argument(service))
            {
                throw new NoCallException("Tham số không thuộc dịch vụ này");
            }
        }
    }

    /// <summary>The name a look-up's argument has, in an envelope and in a relay's query.</summary>
    public static string? Argument(string? service) => service switch
    {
        ServiceNames.FindDossier => "mahoso",
        ServiceNames.FindProcedure => "maTTHC",
        ServiceNames.FindServices => "MADVC",
        _ => null,
    };

    private static Utf8JsonReader Start(ReadOnlyMemory<byte> body, JsonTokenType first)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new NoCallException("Nội dung không phải UTF-8");
        }

        var reader = new Utf8JsonReader(body.Span);
        return reader.Read() && reader.TokenType == first ? reader : throw new NoCallException("Nội dung không đúng cấu trúc gói tin");
    }

    private static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw new NoCallException("Thuộc tính của gói tin phải là chuỗi"),
    };

    private static List<Range> ReadArray(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new NoCallException("data phải là danh sách");
        }

        var records = new List<Range>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new NoCallException("Mỗi phần tử của data phải là một đối tượng");
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            records.Add(start..(int)reader.BytesConsumed);
        }

        return records;
    }
}

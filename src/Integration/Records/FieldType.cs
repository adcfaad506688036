namespace Integration.Records;

/// <summary>How a field of the national payload is written in JSON, by its contract.</summary>
internal enum FieldType : byte
{
    Text,
    Integer,
    Number,
    Boolean,
    Object,
    List,
}

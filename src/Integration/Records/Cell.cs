using System.Runtime.InteropServices;

namespace Integration.Records;

/// <summary>What a source column held in one row. Every kind but <see cref="Null"/> has a value.</summary>
internal enum CellKind : byte
{
    Null,

    /// <summary>Text, exactly as the source gave it (not yet NFC).</summary>
    Text,

    /// <summary>A whole number that fits 64 bits.</summary>
    Integer,

    /// <summary>Any other number, kept as invariant text so that no digit is lost on the way.</summary>
    Number,

    Boolean,

    /// <summary>A wall clock time in the source's declared zone, in ticks.</summary>
    LocalTime,

    /// <summary>A moment on the world's clock, in UTC ticks.</summary>
    Instant,

    /// <summary>A calendar day, never moved by a zone; a day number.</summary>
    Date,

    /// <summary>A value the source could not give faithfully (infinity, year 10000, bad bytes); the text says why, without the value.</summary>
    Unreadable,
}

/// <summary>One column of one row. Texts live in the page's own buffer, so a row costs no heap objects.</summary>
/// <param name="Bits">Number, ticks or day number; for texts the start in the page's buffer.</param>
/// <param name="Length">Length in bytes of a text.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Cell(CellKind Kind, long Bits, int Length)
{
    public bool IsNull => Kind == CellKind.Null;
}

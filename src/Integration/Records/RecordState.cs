namespace Integration.Records;

/// <summary>Where one version of a record stands. The numbers are stored.</summary>
internal enum RecordState : byte
{
    /// <summary>To be sent, not before its time.</summary>
    Ready = 0,

    /// <summary>Taken by a worker until its lease ends.</summary>
    Leased = 1,

    /// <summary>Waits for another record: its parent, or an older version of itself whose outcome is open.</summary>
    Waiting = 2,

    /// <summary>Sent, or perhaps sent, and no answer that can be trusted. Never guessed: asked for, safely repeated, or decided by a person.</summary>
    Unknown = 3,

    /// <summary>The receiver said yes, with a receipt.</summary>
    Acknowledged = 4,

    /// <summary>Refused by our own checks or by the receiver, with a reason.</summary>
    Quarantined = 5,

    /// <summary>A newer version took its place before it was sent.</summary>
    Superseded = 6,

    /// <summary>Secret, or its secrecy is not known: nothing leaves.</summary>
    Withheld = 7,

    /// <summary>Refused, and a person decided that it stays unsent.</summary>
    Dismissed = 8,
}

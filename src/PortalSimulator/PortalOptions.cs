using System.Net;

namespace PortalSimulator;

/// <summary>How a simulated portal starts. The settable ones may be switched while it runs (<c>PUT sim/options</c>).</summary>
internal sealed class PortalOptions
{
    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Where the effects are kept over a restart; null: nothing survives.</summary>
    public string? Data { get; init; }

    public string Username { get; init; } = "province";

    public string Password { get; init; } = "simulated";

    /// <summary>Bytes of a request body; a larger one is answered with 413.</summary>
    public int LargestBody { get; init; } = 32 * 1024 * 1024;

    /// <summary>Records of one call; more refuse it. The real limit is not known.</summary>
    public int LargestBatch { get; init; } = 1000;

    /// <summary>Rules session lifetimes, delays and the times in the ledger.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Apply the good records of a call and answer each one by itself, instead of refusing the call for one bad record.</summary>
    public bool PerRecordResults { get; set; }

    /// <summary>The relay hands on the portal's JSON as a text in <c>message</c>.</summary>
    public bool DoubleEncodedRelay { get; set; }

    /// <summary>How long it takes until a look-up of a dossier shows what was applied.</summary>
    public TimeSpan LookUpLag { get; set; }
}

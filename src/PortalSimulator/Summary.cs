namespace PortalSimulator;

/// <summary>The counts since the folder was new, or the last reset; requests, logins and faults since the start.</summary>
/// <param name="Services">By service.</param>
/// <param name="Faults">How often each mode struck.</param>
internal sealed record Summary(
    long Effects, IReadOnlyDictionary<string, ServiceCounts> Services, long Requests, long Logins, long RefusedLogins, IReadOnlyDictionary<string, long> Faults);

/// <param name="DistinctKeys">Dossiers (or services) with at least one effect.</param>
/// <param name="DistinctVersions">Different pairs of key and hash.</param>
/// <param name="AppliedMoreThanOnce">How many of those were applied more than once, whatever lay between; a legal way back to an earlier content counts too.</param>
/// <param name="Unchanged">Updates that brought what the portal held already.</param>
internal sealed record ServiceCounts(
    long Create, long Update, long Append, long DistinctKeys, long DistinctVersions, long AppliedMoreThanOnce, long Unchanged);

/// <summary>What may be switched while the portal runs; null leaves it as it is.</summary>
internal sealed record Switches(bool? PerRecordResults = null, bool? DoubleEncodedRelay = null, double? SessionSeconds = null, double? LookUpLagSeconds = null);

/// <summary>One record the portal holds.</summary>
internal sealed record RecordName(string Service, string Key);

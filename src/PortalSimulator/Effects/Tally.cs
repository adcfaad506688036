using System.Runtime.InteropServices;

namespace PortalSimulator.Effects;

/// <summary>The counts of one service, kept up with every effect.</summary>
internal sealed class Tally
{
    private readonly Dictionary<UInt128, int> _versions = [];

    public long Create { get; private set; }

    public long Update { get; private set; }

    public long Append { get; private set; }

    /// <summary>Dossiers or services with at least one effect.</summary>
    public long DistinctKeys { get; private set; }

    /// <summary>Different contents; a content names its own key, so these are pairs of key and hash.</summary>
    public long DistinctVersions => _versions.Count;

    /// <summary>How many of <see cref="DistinctVersions"/> were applied more than once, whatever lay between.</summary>
    public long AppliedMoreThanOnce { get; private set; }

    /// <summary>Effects that brought the very content the portal held: updates that changed nothing.</summary>
    public long Unchanged { get; private set; }

    public void Add(string kind, UInt128 version, bool isNewKey, bool isUnchanged)
    {
        switch (kind)
        {
            case "create":
                Create++;
                break;
            case "update":
                Update++;
                break;
            default:
                Append++;
                break;
        }

        DistinctKeys += isNewKey ? 1 : 0;
        Unchanged += isUnchanged ? 1 : 0;
        ref var times = ref CollectionsMarshal.GetValueRefOrAddDefault(_versions, version, out _);
        if (++times == 2)
        {
            AppliedMoreThanOnce++;
        }
    }
}

using Xunit;

namespace Integration.Tests.Commands;

/// <summary>One delivered province for tests that only look.</summary>
public sealed class DeliveredProvince : IAsyncLifetime
{
    internal CommandRig Rig { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Rig = await CommandRig.StartDeliveredAsync();

    public ValueTask DisposeAsync() => Rig.DisposeAsync();
}

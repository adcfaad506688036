using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCollectionOrderer(typeof(Integration.Tests.Support.LongestFirst))]

namespace Integration.Tests.Support;

/// <summary>Starts the tests that start processes before the others, so that none of them is left to run alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Order = ["Crash", "Faults", "Commands"];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(c => Rank(c))];

    private static int Rank(ITestCollection collection) =>
        Array.FindIndex(Order, folder => collection.TestCollectionDisplayName.Contains($"Integration.Tests.{folder}.", StringComparison.Ordinal)) is >= 0 and var rank ? rank : Order.Length;
}

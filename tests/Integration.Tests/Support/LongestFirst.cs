using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCollectionOrderer(typeof(Integration.Tests.Support.LongestFirst))]

namespace Integration.Tests.Support;

/// <summary>Starts the long tests before the others, so that none of them is left to run alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Order = ["Crash.", "Faults.", "Extract.Sql.LateCommit", "Ledger.PostgresModel", "Ledger.SqliteModel", "Commands."];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(c => Rank(c))];

    private static int Rank(ITestCollection collection) =>
        Array.FindIndex(Order, name => collection.TestCollectionDisplayName.Contains($"Integration.Tests.{name}", StringComparison.Ordinal)) is >= 0 and var rank ? rank : Order.Length;
}

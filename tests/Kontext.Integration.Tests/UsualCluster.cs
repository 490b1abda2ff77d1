namespace Kontext.Integration.Tests;

/// <summary>Tests that share one usual cluster, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class UsualCluster : ICollectionFixture<ClusterFixture>
{
    public const string Name = "usual cluster";
}

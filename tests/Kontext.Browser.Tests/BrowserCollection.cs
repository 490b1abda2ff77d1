namespace Kontext.Browser.Tests;

/// <summary>All tests share one browser and one server, and run one after the other: two cores are busy with one page.</summary>
[CollectionDefinition(nameof(BrowserCollection))]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>;

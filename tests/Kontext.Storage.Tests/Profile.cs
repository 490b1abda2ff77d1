namespace Kontext.Storage.Tests;

/// <summary>How long tests may search: quick by default, twenty times as long when KONTEXT_TEST_LONG is 1.</summary>
internal static class Profile
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("KONTEXT_TEST_LONG") == "1";

    public static int Iterations(int quick) => Long ? quick * 20 : quick;
}

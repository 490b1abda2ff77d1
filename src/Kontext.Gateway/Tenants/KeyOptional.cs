namespace Kontext.Gateway.Tenants;

/// <summary>Metadata of a route that is open to everybody, and gives more to those who have a key.</summary>
internal sealed class KeyOptional
{
    private KeyOptional() { }

    public static KeyOptional Instance { get; } = new();
}

namespace Kontext.Flux.Sessions;

/// <summary>Numbers in the host's memory that stay while their count stays, and are zeros at first.</summary>
internal sealed class HostBuffer
{
    private float[] _values = [];

    /// <summary>The numbers as they are.</summary>
    public Span<float> Values => _values;

    /// <summary>Room for so many numbers.</summary>
    public Span<float> Of(params ReadOnlySpan<int> shape)
    {
        var count = 1;
        foreach (var extent in shape)
        {
            count = checked(count * extent);
        }
        if (_values.Length != count)
        {
            _values = new float[count];
        }
        return _values;
    }

    /// <summary>The numbers of one of several equal rows.</summary>
    public Span<float> Row(int row, int rows)
    {
        var length = _values.Length / rows;
        return _values.AsSpan(row * length, length);
    }
}

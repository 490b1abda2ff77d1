namespace Kontext.Flux.Sampling;

/// <summary>
/// MT19937 (Matsumoto and Nishimura 1998, mt19937ar.c): the 32-bit generator behind PyTorch's CPU seeds.
/// </summary>
internal sealed class MersenneTwister
{
    private const int Length = 624;
    private const int Middle = 397;
    private readonly uint[] _state = new uint[Length];
    private int _next = Length;

    /// <summary>init_genrand.</summary>
    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Length; i++)
        {
            var previous = _state[i - 1];
            _state[i] = 1812433253u * (previous ^ (previous >> 30)) + (uint)i;
        }
    }

    /// <summary>genrand_int32.</summary>
    public uint NextUInt32()
    {
        if (_next == Length)
        {
            Refill();
        }
        var y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    /// <summary>Two draws, the first in the upper half.</summary>
    public ulong NextUInt64()
    {
        var high = NextUInt32();
        return ((ulong)high << 32) | NextUInt32();
    }

    private void Refill()
    {
        for (var i = 0; i < Length; i++)
        {
            var mixed = (_state[i] & 0x80000000u) | (_state[(i + 1) % Length] & 0x7fffffffu);
            var twist = (mixed & 1) == 0 ? 0u : 0x9908b0dfu;
            _state[i] = _state[(i + Middle) % Length] ^ (mixed >> 1) ^ twist;
        }
        _next = 0;
    }
}

using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Kontext.Contracts;
using Kontext.Flux.Tensors;
using Microsoft.Win32.SafeHandles;

namespace Kontext.Flux.Weights;

/// <summary>
/// A safetensors file, memory-mapped: opening reads only the header, and tensors are views of the page cache.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthPrefix = sizeof(ulong);
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, long length)
    {
        Path = path;
        _map = map;
        _view = view;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += view.PointerOffset;
        try
        {
            (Tensors, Metadata) = ReadHeader(length);
        }
        catch (FormatException)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            throw;
        }
    }

    /// <summary>The file's path, as given.</summary>
    public string Path { get; }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks all of its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="blame">The code of the failure if its content is wrong.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.FileNotFound"/>, or <paramref name="blame"/>.</exception>
    public static SafetensorsFile Open(string path, ErrorCode blame)
    {
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            using SafeFileHandle handle = File.OpenHandle(path);
            var length = RandomAccess.GetLength(handle);
            if (length < LengthPrefix)
            {
                throw new FormatException($"it has only {length} bytes");
            }
            map = MemoryMappedFile.CreateFromFile(
                handle,
                mapName: null,
                capacity: 0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: true
            );
            view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            return new(path, map, view, length);
        }
        // ArgumentException: a path that no file can have, such as an empty one.
        catch (Exception error)
            when (error is FormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            view?.Dispose();
            map?.Dispose();
            throw error is FormatException
                ? new KontextException(blame, $"'{path}' is not a valid safetensors file: {error.Message}.", error)
                : new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The bytes of a tensor, valid until the file is disposed.</summary>
    public ReadOnlySpan<byte> Bytes(TensorEntry entry)
    {
        ObjectDisposedException.ThrowIf(_view.SafeMemoryMappedViewHandle.IsClosed, this);
        return new(_start + entry.Offset, checked((int)entry.Length));
    }

    /// <summary>A copy of a tensor.</summary>
    public HostTensor Read(string name)
    {
        var entry = Tensors[name];
        return new(entry.DType, [.. entry.Shape], Bytes(entry).ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_view.SafeMemoryMappedViewHandle.IsClosed)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    private SafetensorsHeader ReadHeader(long length)
    {
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_start, LengthPrefix));
        if (headerLength > (ulong)Math.Min(SafetensorsHeader.MaxHeaderBytes, length - LengthPrefix))
        {
            throw new FormatException($"the header claims {headerLength} bytes");
        }
        var dataOffset = LengthPrefix + (long)headerLength;
        var json = new ReadOnlySpan<byte>(_start + LengthPrefix, (int)headerLength);
        return SafetensorsHeader.Parse(json, dataOffset, length - dataOffset);
    }
}

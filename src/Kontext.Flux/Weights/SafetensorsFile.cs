using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Microsoft.Win32.SafeHandles;

namespace Kontext.Flux.Weights;

/// <summary>
/// A safetensors file, memory-mapped: opening reads only the header, and tensors are views of the page cache.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthPrefix = sizeof(ulong);
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private SafetensorsFile(
        string path,
        SafeFileHandle handle,
        MemoryMappedFile map,
        MemoryMappedViewAccessor view,
        long length
    )
    {
        Path = path;
        _handle = handle;
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
        SafeFileHandle? handle = null;
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            handle = File.OpenHandle(path);
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
            return new(path, handle, map, view, length);
        }
        // ArgumentException: a path that no file can have, such as an empty one.
        catch (Exception error)
            when (error is FormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            view?.Dispose();
            map?.Dispose();
            handle?.Dispose();
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

    /// <summary>
    /// Copies part of a tensor. Unlike <see cref="Bytes"/> this maps no pages, so a whole file can be gone through in no
    /// more memory than <paramref name="destination"/>.
    /// </summary>
    /// <param name="entry">The tensor.</param>
    /// <param name="from">First byte, counted from the tensor's start.</param>
    /// <param name="destination">Receives as many bytes as it holds.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.WeightsInvalid"/>: the file has been cut short since it was opened, or cannot be read.
    /// </exception>
    internal void Copy(TensorEntry entry, long from, Span<byte> destination)
    {
        var read = 0;
        try
        {
            int count;
            do
            {
                count = RandomAccess.Read(_handle, destination[read..], entry.Offset + from + read);
                read += count;
            } while (count > 0 && read < destination.Length);
        }
        catch (IOException error)
        {
            throw new KontextException(ErrorCode.WeightsInvalid, $"'{Path}' cannot be read: {error.Message}", error);
        }
        if (read < destination.Length)
        {
            throw new KontextException(ErrorCode.WeightsInvalid, $"'{Path}' ends within tensor {entry}.");
        }
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
            _handle.Dispose();
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

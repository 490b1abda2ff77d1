using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet;
using Garnet.server;
using Garnet.server.Auth.Settings;
using Tsavorite.core;

namespace Kontext.Storage.Embedded;

/// <summary>
/// Garnet in this process, for whoever has no Redis: the same protocol, the same scripts, the same code. It listens on a
/// port of the loopback interface, with a password that nobody outside this process knows. What it holds ends with the process.
/// </summary>
internal sealed class EmbeddedRedis : IDisposable
{
    /// <summary>Another program may take the port between finding it free and listening on it.</summary>
    private const int MostTries = 8;

    private readonly GarnetServer _server;
    private readonly string? _spill;

    private EmbeddedRedis(GarnetServer server, int port, string password, string? spill)
    {
        _server = server;
        _spill = spill;
        ConnectionString = $"127.0.0.1:{port},password={password}";
    }

    /// <summary>What <c>ConnectionStrings:Redis</c> would say of it.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// A server for records: what does not fit its memory goes to files, for no record may be lost while its job is open.
    /// </summary>
    /// <param name="folder">Where its files may lie; emptied first.</param>
    public static EmbeddedRedis ForRecords(string folder) =>
        Start(
            folder,
            () =>
                new()
                {
                    LogMemorySize = "64m",
                    PageSize = "1m",
                    SegmentSize = "32m",
                    IndexMemorySize = "4m",
                    EnableStorageTier = true,
                    LogDir = folder,
                    // Needs no native library, unlike the default.
                    DeviceType = DeviceType.RandomAccess,
                    CompactionFrequencySecs = 30,
                    CompactionType = LogCompactionType.Scan,
                    CompactionForceDelete = true,
                    CompactionMaxSegments = 4,
                }
        );

    /// <summary>A server for tensors: what does not fit its memory is forgotten, the oldest first.</summary>
    public static EmbeddedRedis ForTensors() =>
        Start(
            spill: null,
            () =>
                new()
                {
                    LogMemorySize = "1g",
                    PageSize = "4m",
                    IndexMemorySize = "4m",
                }
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        _server.Dispose();
        if (_spill is not null)
        {
            Directory.Delete(_spill, recursive: true);
        }
    }

    private static EmbeddedRedis Start(string? spill, Func<GarnetServerOptions> size)
    {
        if (spill is not null)
        {
            Directory.CreateDirectory(spill);
            Directory.Delete(spill, recursive: true);
            Directory.CreateDirectory(spill);
        }
        var password = RandomNumberGenerator.GetHexString(32);
        for (var tries = 1; ; tries++)
        {
            var port = FreePort();
            var options = size();
            options.EndPoints = [new IPEndPoint(IPAddress.Loopback, port)];
            options.AuthSettings = new PasswordAuthenticationSettings(password);
            options.EnableLua = true;
            options.LuaOptions = new(
                LuaMemoryManagementMode.Native,
                "",
                Timeout.InfiniteTimeSpan,
                LuaLoggingMode.Silent,
                []
            );
            options.QuietMode = true;
            var server = new GarnetServer(options);
            try
            {
                server.Start();
                return new(server, port, password, spill);
            }
            catch (SocketException) when (tries < MostTries)
            {
                server.Dispose();
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

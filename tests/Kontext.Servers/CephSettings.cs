namespace Kontext.Servers;

/// <summary>The configuration of a Ceph cluster of one monitor, one object daemon and one S3 gateway.</summary>
internal static class CephSettings
{
    /// <summary>Folders that the daemons want to find.</summary>
    public static string[] DataFolders { get; } = ["mon.a", "osd.0", "rgw", "run", "crash"];

    /// <summary>The text of ceph.conf.</summary>
    public static string Write(string folder, string cluster, string monitor, int port) =>
        $"""
            [global]
            fsid = {cluster}
            mon host = {monitor}
            mon initial members = a
            public addr = 127.0.0.1
            cluster addr = 127.0.0.1
            ms bind ipv4 = true
            ms bind ipv6 = false
            ms bind msgr1 = false
            auth cluster required = cephx
            auth service required = cephx
            auth client required = cephx
            keyring = {folder}/keyring
            auth allow insecure global id reclaim = true
            osd pool default size = 1
            osd pool default min size = 1
            osd pool default pg num = 8
            osd pool default pg autoscale mode = off
            mon allow pool size one = true
            mon max pg per osd = 2000
            osd crush chooseleaf type = 0
            osd objectstore = memstore
            memstore device bytes = 2147483648
            osd class load list = *
            osd class default list = *
            osd heartbeat grace = 60
            mon warn on insecure global id reclaim allowed = false
            run dir = {folder}/run
            admin socket = {folder}/run/$name.asok
            pid file = {folder}/run/$name.pid
            log file = {folder}/$name.log
            crash dir = {folder}/crash
            [mon.a]
            mon data = {folder}/mon.a
            [osd.0]
            osd crush update on start = false
            osd data = {folder}/osd.0
            [client.rgw]
            rgw data = {folder}/rgw
            rgw frontends = beast endpoint=127.0.0.1:{port}
            rgw dns name = 127.0.0.1
            rgw thread pool size = 32
            rgw enable usage log = false
            rgw enable gc threads = false
            rgw enable lc threads = false
            rgw enable quota threads = false
            rgw gc max objs = 4
            rgw lc max objs = 4

            """;
}

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>Values that have broken somebody's server.</summary>
internal static class Hostile
{
    /// <summary>A zero in a path.</summary>
    public const string Zero = "%00";

    /// <summary>Values of JSON, and some that are none.</summary>
    public static readonly string[] Json =
    [
        .. new[] { "null", "true", "false", "0", "-0", "-1", "1", "0.5", "1e400", "-1e400", "1E-400", "01", "+1" },
        .. new[] { "2147483648", "-2147483649", "9223372036854775808", "18446744073709551616", "NaN", "Infinity" },
        .. new[] { "\"\"", "\" \"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\x\"", "\"" },
        .. new[] { "[]", "{}", "[null]", "[[]]", "{\"\":0}", "[1,2", "{\"a\":", "undefined", "'x'", "/*x*/1", "// x" },
        .. new[] { "\"../../etc/passwd\"", "\"%00\"", "\"\\r\\nX: y\"", "\"<script>\"", "\"' OR 1=1--\"", "\"{0}\"" },
        .. new[] { "\"data:;base64,\"", "\"data:,x\"", "\"data:image/png;base64,AAAA\"", "\"QUJD\"", "\"====\"" },
        .. new[] { "\"0:0\"", "\"1:99999999999\"", "\"16:9:4\"", "\"0x0\"", "\"99999999999x1\"", "\"auto\"" },
        .. new[]
        {
            "\"9999-12-31T23:59:59.9999999-14:00\"",
            "\"0001-01-01T00:00:00+14:00\"",
            "\"2999-02-30T00:00:00Z\"",
        },
        $"\"{new string('x', 20_000)}\"",
        $"\"{string.Concat(Enumerable.Repeat("\\ud83d\\udca5", 9_000))}\"",
        new string('9', 5_000),
        $"0.{new string('1', 5_000)}",
        $"{new string('[', 15)}{new string(']', 15)}",
        $"{new string('[', 5_000)}{new string(']', 5_000)}",
        $"{string.Concat(Enumerable.Repeat("{\"a\":", 1_000))}1{new string('}', 1_000)}",
        $"[{string.Join(',', Enumerable.Range(0, 5_000))}]",
        $"{{{string.Join(',', Enumerable.Range(0, 2_000).Select(i => $"\"f{i}\":0"))}}}",
        $"[{string.Join(',', Enumerable.Repeat("{\"image\":\"QUJD\"}", 500))}]",
    ];

    /// <summary>URLs that no request may lead to, and texts that are none. None needs a name server.</summary>
    public static readonly string[] Urls =
    [
        .. new[]
        {
            "",
            " ",
            "x",
            "//x",
            "http:",
            "http://",
            "http:///x",
            "http://:80/",
            "http://[",
            "http://[::1",
            "http://a b/",
        },
        .. new[]
        {
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_x",
            "ftp://127.0.0.1/",
            "javascript:alert(1)",
            "data:,",
        },
        .. new[]
        {
            "http://127.0.0.1/",
            "http://127.0.0.1:6379/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
        },
        .. new[]
        {
            "http://0177.0.0.1/",
            "http://0/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::1]/",
            "http://[::1%25lo]/",
        },
        .. new[]
        {
            "http://[::ffff:127.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[fe80::1]/",
        },
        .. new[]
        {
            "http://169.254.169.254/latest/meta-data/",
            "https://169.254.169.254/",
            "http://10.0.0.1/",
            "http://100.64.0.1/",
        },
        .. new[]
        {
            "http://192.168.1.1/",
            "http://172.16.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[ff02::1]/",
        },
        .. new[]
        {
            "http://localhost/",
            "http://LOCALHOST:80/",
            "http://user:pw@127.0.0.1/",
            "http://127.0.0.1@127.0.0.1/",
        },
        .. new[]
        {
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:-1/",
            "http://127.0.0.1:22/",
            "http://１２７.０.０.１/",
            "http://127。0。0。1/",
        },
        .. new[]
        {
            "http://127.0.0.1\u0000.example.org/",
            "http://127.0.0.1\r\nX: y/",
            "http://127.0.0.1\t/",
            "http:\\\\127.0.0.1\\",
        },
        $"http://{new string('a', 300)}/",
        $"http://{string.Join('.', Enumerable.Repeat(new string('a', 63), 8))}/",
        $"http://127.0.0.1/{new string('x', 3000)}",
    ];

    /// <summary>Lines of a header that are HTTP, whatever they mean.</summary>
    public static readonly (string Name, string Value)[] Headers =
    [
        ("Prefer", "wait=99999999999999999999"),
        ("Prefer", "wait=-1"),
        ("Prefer", "wait=\"1\"; x, respond-async, wait"),
        ("Prefer", new string(',', 500)),
        ("Idempotency-Key", ""),
        ("Idempotency-Key", new string('k', 256)),
        ("Idempotency-Key", "../../x"),
        ("Idempotency-Key", "é"),
        ("Idempotency-Key", "a b"),
        ("Last-Event-ID", "-1"),
        ("Last-Event-ID", "99999999999999999999"),
        ("Last-Event-ID", "x"),
        ("Authorization", "Bearer"),
        ("Authorization", "Bearer  "),
        ("Authorization", "Basic QQ=="),
        ("Authorization", $"Bearer {new string('k', 5000)}"),
        ("Authorization", "Bearer kt_../x_y"),
        ("Authorization", "Bearer é"),
        ("x-key", "nobody"),
        ("x-key", ""),
        ("Content-Type", ""),
        ("Content-Type", "text/plain"),
        ("Content-Type", "application/json; charset=utf-7"),
        ("Content-Type", "application/json; charset=nonsense"),
        ("Content-Type", "application/json;;;"),
        ("Content-Type", "multipart/form-data"),
        ("Content-Type", "multipart/form-data; boundary="),
        ("Content-Type", $"multipart/form-data; boundary={new string('b', 200)}"),
        ("Content-Type", "multipart/form-data; boundary=\"\\\""),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Type", "image/png"),
        ("Content-Type", "image/svg+xml"),
        ("Content-Encoding", "gzip"),
        ("Accept", "application/xml"),
        ("Accept", "///"),
        ("Accept-Encoding", "gzip;q=9, *;q=-1"),
        ("Range", "bytes=5-1,99999999999999999999-"),
        ("If-None-Match", "*"),
        ("If-None-Match", "\"x"),
        ("If-Modified-Since", "yesterday"),
        ("Expect", "100-continue"),
        ("Expect", "a-miracle"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Host", "evil.example"),
        ("Host", "127.0.0.1:99999"),
        ("Host", "[::1"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Upgrade", "h2c"),
        ("Connection", "upgrade"),
        ("traceparent", "00-00000000000000000000000000000000-0000000000000000-00"),
        ("traceparent", "x"),
        ("Cookie", new string('c', 4000)),
    ];

    /// <summary>Lines that are no header.</summary>
    public static readonly string[] BrokenLines =
    [
        "no colon",
        ": no name",
        "na me: x",
        "x:\u0000",
        "x: \r y",
        " folded: x",
        "Host: second",
        "Host:",
        "Host: a b",
        "Content-Length: 5",
        "Content-Length: -1",
        "Content-Length: x",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked, identity",
        $"x: {new string('x', 40_000)}",
        string.Join("\r\n", Enumerable.Range(0, 200).Select(i => $"x{i}: y")),
    ];

    /// <summary>Parts of query strings.</summary>
    public static readonly string[] Queries =
    [
        .. new[]
        {
            "",
            "?",
            "&&&",
            "=",
            "x",
            "x=%",
            "x=%zz",
            "x=%00",
            "x=%ff%fe",
            "x=%c0%af",
            "limit=-1",
            "limit=0",
            "limit=x",
        },
        .. new[]
        {
            "limit=99999999999",
            "limit=1&limit=2",
            "status=nonsense",
            "status=",
            "status=1",
            "cursor=x",
            "cursor=%00",
        },
        .. new[] { "cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "session=../x", "session=", "since=x", "before=x" },
        .. new[]
        {
            "id=",
            "id=x",
            "id=a&id=b",
            "id=moderated-x",
            "id=../../x",
            "purge=maybe",
            "purge=",
            "purge=true&purge=false",
        },
        .. new[]
        {
            "expires=x",
            "expires=99999999999999999999",
            "expires=-1&signature=x",
            "signature=",
            "signature=%00",
        },
        .. new[]
        {
            "from=x",
            "from=9999-12-31&to=0001-01-01",
            "from=0001-01-01&to=9999-12-31",
            "to=2026-02-30",
            "tenant=x",
        },
        $"x={new string('x', 4000)}",
        string.Join('&', Enumerable.Range(0, 1500).Select(i => $"a{i}=b")),
    ];

    /// <summary>Parts of paths.</summary>
    public static readonly string[] Paths =
    [
        .. new[]
        {
            "",
            "/",
            "..",
            "%2e%2e",
            "%2e%2e%2f",
            "%00",
            "%ff",
            "%",
            "%zz",
            "%2f",
            "\\",
            ";x",
            "x",
            "-1",
            "0",
            "99999999999",
        },
        .. new[]
        {
            "ffffffffffffffffffffffffffffffff",
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            "~",
            "'",
            "\"",
            "{id}",
            "*",
            ".",
        },
        new string('x', 3000),
        string.Join('/', Enumerable.Repeat("x", 500)),
    ];

    /// <summary>Methods.</summary>
    public static readonly string[] Methods =
    [
        "GET",
        "PUT",
        "PATCH",
        "HEAD",
        "OPTIONS",
        "TRACE",
        "DELETE",
        "POST",
        "QUERY",
        "x",
    ];

    /// <summary>First lines that are none: instead of method, target and version.</summary>
    public static readonly (string Method, string Target, string Version)[] FirstLines =
    [
        ("GET", "*", "HTTP/1.1"),
        ("OPTIONS", "*", "HTTP/1.1"),
        ("CONNECT", "127.0.0.1:80", "HTTP/1.1"),
        ("GET", "http://evil.example/v1/jobs", "HTTP/1.1"),
        ("GET", "x", "HTTP/1.1"),
        ("GET", "/ /", "HTTP/1.1"),
        ("GET", "/\u0000", "HTTP/1.1"),
        ("GET", "/é", "HTTP/1.1"),
        ("GET", "/v1/jobs", "HTTP/1.0"),
        ("GET", "/v1/jobs", "HTTP/0.9"),
        ("GET", "/v1/jobs", "HTTP/2.0"),
        ("GET", "/v1/jobs", "HTTP/9.9"),
        ("GET", "/v1/jobs", "x"),
        ("PRI", "*", "HTTP/2.0"),
        ("", "/v1/jobs", "HTTP/1.1"),
        ("G\u0000T", "/v1/jobs", "HTTP/1.1"),
        ("\u0016\u0003\u0001\u0002", "\u0000", "\u0001"),
        ("GET", "/" + new string('x', 20_000), "HTTP/1.1"),
    ];
}

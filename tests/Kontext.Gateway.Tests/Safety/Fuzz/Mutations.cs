using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>Ways to make a right request wrong.</summary>
internal static class Mutations
{
    private static readonly Func<RawRequest, Random, RawRequest>[] All =
    [
        Field,
        Field,
        Field,
        Bytes,
        Header,
        Header,
        Query,
        PathPart,
        Method,
        Framing,
        BrokenLine,
        FirstLine,
    ];

    /// <summary>A request for one of the routes, wrong in one to three ways, its picture or URL among them. Now and then it is right after all.</summary>
    public static RawRequest Next(Func<Ingredients, RawRequest>[] valid, Random random)
    {
        var parts = random.Next(4) switch
        {
            0 => new Ingredients { Picture = HostilePictures.Next(random) },
            1 => new Ingredients { Url = Of(Hostile.Urls, random) },
            2 when random.Next(2) == 0 => new Ingredients { Webhook = Of(Hostile.Urls, random) },
            _ => new Ingredients(),
        };
        var request = Of(valid, random)(parts);
        for (var i = random.Next(parts == new Ingredients() ? 1 : 0, 3); i > 0; i--)
        {
            request = Of(All, random)(request, random);
        }
        return request;
    }

    /// <summary>A value of another type, a field too many, twice or too few.</summary>
    private static RawRequest Field(RawRequest request, Random random)
    {
        if (!request.Headers.Contains("Content-Type: application/json"))
        {
            return Header(request, random);
        }
        if (Read(request.Body) is not ({ } root, [_, ..] places))
        {
            return Bytes(request, random);
        }
        const string Mark = "@@here@@";
        var (parent, name) = Of(places, random);
        switch (random.Next(5))
        {
            case 0:
                parent.Remove(name);
                break;
            case 1:
                parent[$"{name}x"] = Mark;
                break;
            case 2:
                return request.WithBody(
                    Encoding.UTF8.GetBytes(
                        $"{{\"{name}\":{Of(Hostile.Json, random)},{root.ToJsonString(ValidRequests.Plain)[1..]}"
                    )
                );
            default:
                parent[name] = Mark;
                break;
        }
        var text = root.ToJsonString(ValidRequests.Plain)
            .Replace($"\"{Mark}\"", Of(Hostile.Json, random), StringComparison.Ordinal);
        return request.WithBody(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The body and all places in it, as long as nothing has made it unreadable.</summary>
    private static (JsonObject? Root, (JsonObject Parent, string Name)[] Places) Read(byte[] body)
    {
        try
        {
            var root = JsonNode.Parse(body)!.AsObject();
            // What has half a character in it can be read and not be written.
            _ = root.ToJsonString(ValidRequests.Plain);
            return (root, [.. Places(root)]);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return (null, []);
        }
    }

    private static IEnumerable<(JsonObject Parent, string Name)> Places(JsonNode? node) =>
        node switch
        {
            JsonObject parent => parent.ToList().SelectMany(field => Places(field.Value).Prepend((parent, field.Key))),
            JsonArray items => items.ToList().SelectMany(Places),
            _ => [],
        };

    private static RawRequest Bytes(RawRequest request, Random random)
    {
        byte[] body = [.. request.Body];
        switch (random.Next(8))
        {
            case 0 when body.Length > 0:
                return request.WithBody(body[..random.Next(body.Length)]);
            case 1:
                return request.WithBody([]);
            case 2:
                return request.WithBody([0xEF, 0xBB, 0xBF, .. body]);
            case 3:
                return request.WithBody(Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body)));
            case 4:
                return request.WithBody([.. body, .. body]);
            case 5 when random.Next(10) == 0:
                return request.WithBody(new byte[SafetyLimits.MaxBodyBytes + random.Next(2)]);
            case 6:
                return request.WithBody(Encoding.UTF8.GetBytes(Of(Hostile.Json, random)));
            default:
                for (var i = random.Next(1, 10); i > 0 && body.Length > 0; i--)
                {
                    body[random.Next(body.Length)] = (byte)random.Next(256);
                }
                return request.WithBody(body);
        }
    }

    private static RawRequest Header(RawRequest request, Random random)
    {
        var (name, value) = Of(Hostile.Headers, random);
        return random.Next(4) == 0
            ? request.WithLine($"{name}: {Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value))}") with
            {
                IsBroken = request.IsBroken || name == "Host",
            }
            : request.With(name, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value))) with
            {
                IsBroken = request.IsBroken || name is "Host" or "Expect" or "Connection" or "Upgrade",
            };
    }

    private static RawRequest Query(RawRequest request, Random random)
    {
        var path = request.Target.Split('?')[0];
        var kept = random.Next(2) == 0 ? request.Target : path;
        var sign = kept.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return request with { Target = $"{kept}{sign}{Of(Hostile.Queries, random)}" };
    }

    private static RawRequest PathPart(RawRequest request, Random random)
    {
        var parts = request.Target.Split('/');
        var part = Of(Hostile.Paths, random);
        parts[random.Next(Math.Min(1, parts.Length - 1), parts.Length)] = part;
        // HTTP knows no path with a zero in it.
        var isBroken = request.IsBroken || part == Hostile.Zero;
        return request with { Target = string.Join('/', parts), IsForRoute = false, IsBroken = isBroken };
    }

    private static RawRequest Method(RawRequest request, Random random) =>
        request with
        {
            Method = Of(Hostile.Methods, random),
            IsForRoute = false,
        };

    /// <summary>Lengths that do not fit the body, and chunks that are none.</summary>
    private static RawRequest Framing(RawRequest request, Random random)
    {
        string?[] lengths = [null, "", "-1", "0", "1", "x", "0x10", "99999999999999999999", "+5", "5, 5", "5 5"];
        string[] chunks =
        [
            "0\r\n\r\n",
            "5\r\nabc",
            "-1\r\n",
            "zz\r\n",
            "FFFFFFFFFFFFFFFFF\r\n",
            "5;x=y\r\nabcde\r\n0\r\n\r\n",
            "",
        ];
        return random.Next(3) switch
        {
            0 => request.WithLine("Transfer-Encoding: chunked") with
            {
                Body = Encoding.Latin1.GetBytes(Of(chunks, random)),
                ContentLength = random.Next(2) == 0 ? null : "5",
                IsBroken = true,
                EndsEarly = true,
            },
            1 => request with
            {
                ContentLength = $"{Math.Max(0, request.Body.Length + random.Next(-20, 2000))}",
                IsBroken = true,
                EndsEarly = true,
            },
            _ => request with { ContentLength = Of(lengths, random), IsBroken = true, EndsEarly = true },
        };
    }

    private static RawRequest BrokenLine(RawRequest request, Random random) =>
        request.WithLine(Of(Hostile.BrokenLines, random)) with
        {
            IsBroken = true,
            EndsEarly = true,
        };

    private static RawRequest FirstLine(RawRequest request, Random random)
    {
        var (method, target, version) = Of(Hostile.FirstLines, random);
        return request with
        {
            Method = method,
            Target = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(target)),
            Version = version,
            IsBroken = true,
            IsForRoute = false,
        };
    }

    private static T Of<T>(IReadOnlyList<T> items, Random random) => items[random.Next(items.Count)];
}

using System.Runtime.Serialization;
using System.Text.Json;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;

namespace Kontext.Messaging.Tests;

public sealed class BatchHandlerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_batch_is_read_as_a_whole_before_any_of_it_is_handled()
    {
        var handled = 0;
        MessageHandler[] handlers =
        [
            MessageHandler.For<CancelJob>(
                (_, _) =>
                {
                    handled++;
                    return Task.CompletedTask;
                }
            ),
            MessageHandler.For<StageTask>((_, _) => Task.CompletedTask),
        ];
        var good = BatchedMessage.Of(new CancelJob("a"));
        // Work that does not say of what kind it is: the library's failure for it is not that of other faults.
        const string Kindless = """
            {"job":"a","tenant":"t","task":"encode.0","run":1,"model":{"name":"m","digest":"d"},"priority":"batch","work":{}}
            """;
        BatchedMessage[] bad =
        [
            new("CancelJob", JsonSerializer.Deserialize<JsonElement>("{}")),
            new("CancelJob", JsonSerializer.Deserialize<JsonElement>("null")),
            new("Unknown", JsonSerializer.Deserialize<JsonElement>("{}")),
            new("StageTask", JsonSerializer.Deserialize<JsonElement>(Kindless)),
        ];
        foreach (var message in bad)
        {
            Should.Throw<SerializationException>(() =>
                new BatchHandler(handlers).Read(new([good, message]), "id", redelivered: false, Token)
            );
        }
        handled.ShouldBe(0);
        new BatchHandler(handlers).Read(new([good]), "id", redelivered: false, Token).Count.ShouldBe(1);
    }
}

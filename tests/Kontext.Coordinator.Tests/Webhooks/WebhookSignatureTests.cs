using System.Text;
using Kontext.Contracts.Jobs;
using Kontext.Coordinator.Webhooks;

namespace Kontext.Coordinator.Tests.Webhooks;

public sealed class WebhookSignatureTests
{
    /// <summary>The example of the specification and of its libraries' own tests.</summary>
    [Fact]
    public void It_is_what_the_standard_gives_as_an_example() =>
        WebhookSignature
            .Of(
                WebhookSecret.Parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")!,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330",
                Encoding.UTF8.GetBytes("""{"test": 2432232314}""")
            )
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

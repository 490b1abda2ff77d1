using Kontext.Gateway.Requests;

namespace Kontext.Gateway.Tests.Requests;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.5200000+00:00")]
    [InlineData("1996-12-19T16:39:57-08:00", "1996-12-19T16:39:57.0000000-08:00")]
    [InlineData("1937-01-01t12:00:27.87+00:20", "1937-01-01T12:00:27.8700000+00:20")]
    [InlineData("2030-01-31 12:00:00z", "2030-01-31T12:00:00.0000000+00:00")]
    [InlineData("2030-01-31T12:00:00.123456789Z", "2030-01-31T12:00:00.1234567+00:00")]
    [InlineData("2030-01-31T12:00:00-00:00", "2030-01-31T12:00:00.0000000+00:00")]
    public void Times_are_read(string text, string time)
    {
        Rfc3339.TryParse(text, out var read).ShouldBeTrue();
        read.ToString("O").ShouldBe(time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2030-01-31")]
    [InlineData("2030-01-31T12:00:00")]
    [InlineData("2030-01-31T12:00Z")]
    [InlineData("2030-02-30T12:00:00Z")]
    [InlineData("2030-01-31T24:00:00Z")]
    [InlineData("1990-12-31T23:59:60Z")]
    [InlineData("2030-01-31T12:00:00+2:00")]
    [InlineData("2030-01-31T12:00:00+0200")]
    [InlineData("2030-01-31T12:00:00+99:00")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("2030-01-31T12:00:00.Z")]
    [InlineData("2030-01-31T12:00:00Z\n")]
    [InlineData("٢٠30-01-31T12:00:00Z")]
    [InlineData("tomorrow")]
    public void What_is_no_time_is_refused(string text) => Rfc3339.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void No_text_makes_it_fail() =>
        Gen.String[Gen.Char["0129-:TZ.+ "], 0, 30].Sample(text => Rfc3339.TryParse(text, out _) || true);
}

namespace Kontext.Gateway.OpenAi;

/// <summary>Chooses the pictures on the way that a client is sent: spread evenly over the steps of each image.</summary>
/// <param name="wanted">How many of each image at most.</param>
/// <param name="images">Images that are made.</param>
internal sealed class PartialImages(int wanted, int images)
{
    private readonly int[] _sent = new int[images];

    /// <summary>The index that a preview is sent under; null: it is not sent.</summary>
    /// <param name="image">Index of the image.</param>
    /// <param name="step">Steps taken.</param>
    /// <param name="steps">Steps to take.</param>
    public int? Take(int image, int step, int steps)
    {
        if (image < 0 || image >= _sent.Length || _sent[image] >= wanted || step > steps)
        {
            return null;
        }
        // The first at once, for that is what people wait for; the others when as many of equal parts are done.
        var due = (long)_sent[image] * steps / wanted;
        return step < due ? null : _sent[image]++;
    }
}

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
        if (image < 0 || image >= _sent.Length || _sent[image] >= wanted || step >= steps)
        {
            return null;
        }
        // The k-th of n is due when k of n + 1 equal parts are done; who is late is sent with the next preview there is.
        var due = (_sent[image] + 1L) * steps / (wanted + 1L);
        return step < due ? null : _sent[image]++;
    }
}

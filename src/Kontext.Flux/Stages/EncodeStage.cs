using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Stages;

/// <summary>Turns prompts into conditioning and pictures into context latents. Used by one thread at a time.</summary>
public sealed class EncodeStage : IDisposable
{
    private readonly ModelBundle _bundle;
    private readonly T5Tokenizer _t5Tokenizer;
    private readonly ClipTokenizer _clipTokenizer;
    private readonly T5Session _t5;
    private readonly ClipSession _clip;
    private readonly Lazy<ContextEncoderSession> _contextEncoder;

    /// <summary>Loads the text encoders; the image encoder is loaded when the first picture comes.</summary>
    /// <exception cref="KontextException">The bundle lacks a part, or the device cannot run it.</exception>
    public EncodeStage(ModelBundle bundle, DeviceOptions options)
    {
        var device = new Device(options);
        _bundle = bundle;
        _t5Tokenizer = T5Tokenizer.Load(bundle.FilePath(ModelBundle.T5Pieces), bundle.T5.MaxTokens);
        _clipTokenizer = ClipTokenizer.Load(
            bundle.FilePath(ModelBundle.ClipVocabulary),
            bundle.FilePath(ModelBundle.ClipMerges),
            bundle.Clip.MaxTokens
        );
        _t5 = new T5Session(bundle, device);
        _clip = new ClipSession(bundle, device);
        _contextEncoder = new(() => new ContextEncoderSession(bundle, device));
    }

    /// <summary>Encodes a prompt.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.PromptTooLong"/>.</exception>
    public Conditioning EncodePrompt(string prompt)
    {
        var tokens = _t5Tokenizer.Encode(prompt);
        var text = _t5.Run(tokens.Ids, batch: 1).ToArray();
        var pooled = _clip.Run(_clipTokenizer.Encode(prompt).Ids, batch: 1).ToArray();
        return new(text, tokens.Ids.Length, pooled);
    }

    /// <summary>Encodes a picture, which is brought to <paramref name="size"/> first if it has another.</summary>
    public PackedLatents EncodeContext(RgbImage image, ImageSize size)
    {
        var sized = ImageResizer.Resize(image, size.Width, size.Height);
        var session = _contextEncoder.Value;
        ImageTensor.Fill(session.Images(1, size.Height, size.Width), sized);
        var planes = session.Run(1, size.Height, size.Width);

        var scale = _bundle.Autoencoder.PixelsPerLatent;
        var (height, width) = (size.Height / scale, size.Width / scale);
        var tokens = new float[planes.Length];
        LatentPacking.Pack(planes, tokens, _bundle.Autoencoder.LatentChannels, height, width);
        return new(tokens, height / 2, width / 2);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _t5.Dispose();
        _clip.Dispose();
        if (_contextEncoder.IsValueCreated)
        {
            _contextEncoder.Value.Dispose();
        }
    }
}

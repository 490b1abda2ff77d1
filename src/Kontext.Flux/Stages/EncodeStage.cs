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
    private readonly ContextEncoderSession _contextEncoder;

    /// <summary>Loads the text encoders and the image encoder.</summary>
    /// <exception cref="KontextException">
    /// The bundle lacks a part or its tokenizers belong to other encoders, or the device cannot run or hold them.
    /// </exception>
    public EncodeStage(ModelBundle bundle, DeviceOptions options)
    {
        _bundle = bundle;
        _t5Tokenizer = T5Tokenizer.Load(bundle.FilePath(ModelBundle.T5Pieces), bundle.T5.MaxTokens);
        _clipTokenizer = ClipTokenizer.Load(
            bundle.FilePath(ModelBundle.ClipVocabulary),
            bundle.FilePath(ModelBundle.ClipMerges),
            bundle.Clip.MaxTokens
        );
        CheckTokenizers();
        var device = new Device(options);
        var sessions = SideBySide.Open(
            () => new T5Session(bundle, device),
            () => new ClipSession(bundle, device),
            () => new ContextEncoderSession(bundle, device)
        );
        (_t5, _clip, _contextEncoder) = (
            (T5Session)sessions[0],
            (ClipSession)sessions[1],
            (ContextEncoderSession)sessions[2]
        );
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
    /// <exception cref="KontextException">The device failed or ran out of memory.</exception>
    public PackedLatents EncodeContext(RgbImage image, ImageSize size)
    {
        var sized = ImageResizer.Resize(image, size.Width, size.Height);
        var session = _contextEncoder;
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
        _contextEncoder.Dispose();
    }

    /// <summary>An id beyond the embedding would be read from somewhere else on a GPU, without an error.</summary>
    private void CheckTokenizers()
    {
        var problem =
            _t5Tokenizer.LargestId >= _bundle.T5.VocabularySize
                ? $"T5's tokenizer has ids up to {_t5Tokenizer.LargestId}, its encoder {_bundle.T5.VocabularySize} entries."
            : _clipTokenizer.LargestId >= _bundle.Clip.VocabularySize
                ? $"CLIP's tokenizer has ids up to {_clipTokenizer.LargestId}, its encoder {_bundle.Clip.VocabularySize} entries."
            : _clipTokenizer.EndId != _bundle.Clip.EndToken
                ? $"CLIP's tokenizer ends a prompt with {_clipTokenizer.EndId}, its encoder looks for {_bundle.Clip.EndToken}."
            : null;
        if (problem is not null)
        {
            throw new KontextException(
                ErrorCode.ModelIncomplete,
                $"Model '{_bundle.Manifest.Name}' does not fit: {problem}"
            );
        }
    }
}

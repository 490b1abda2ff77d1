namespace Kontext.Flux.Tokenizers;

/// <summary>A prompt as a text encoder reads it.</summary>
/// <param name="Ids">[max length] token ids, padded.</param>
/// <param name="Count">Tokens before the padding, start and end tokens included.</param>
internal sealed record TokenIds(long[] Ids, int Count);

using Kontext.Contracts.Jobs;
using Kontext.Flux.Sampling;

namespace Kontext.Gateway.Requests;

/// <summary>A context whose nature is settled.</summary>
/// <param name="Given">Size of the picture as it was given.</param>
/// <param name="Context">What the job records.</param>
/// <param name="Upload">What has to be stored before the job may be accepted, under the context's name.</param>
internal sealed record ResolvedContext(ImageSize Given, JobContext Context, InputFile? Upload);

/// <summary>A picture that came with a request.</summary>
/// <param name="Name">Name of its object.</param>
/// <param name="Bytes">The file.</param>
/// <param name="MediaType">What it is.</param>
internal sealed record InputFile(string Name, byte[] Bytes, string MediaType);

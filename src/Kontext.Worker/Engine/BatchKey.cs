using System.Runtime.InteropServices;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Engine;

/// <summary>What samples must agree in to share a step.</summary>
/// <param name="Model">The model.</param>
/// <param name="Shape">Their sizes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BatchKey(ModelRef Model, SampleShape Shape);

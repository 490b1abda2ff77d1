using System.Reflection;
using System.Security;
using System.Text;

namespace Kontext.Flux.Images;

/// <summary>
/// How a picture was made, written into it so that people and programs can tell. The prompt is left out on purpose: a
/// picture is passed on more freely than what was asked for it.
/// </summary>
/// <param name="Edited">Whether it started from another picture.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Seed">Seed of its noise.</param>
/// <param name="Software">Name and version of this program.</param>
public sealed record Provenance(bool Edited, string Model, long Seed, string Software)
{
    /// <summary>Name and version of this program, as pictures carry it.</summary>
    public static string ThisProgram { get; } =
        "Kontext.Distributed "
        + typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The IPTC code for a picture that an algorithm made, or made from another picture.</summary>
    /// <remarks>https://cv.iptc.org/newscodes/digitalsourcetype/</remarks>
    public string DigitalSourceType =>
        "http://cv.iptc.org/newscodes/digitalsourcetype/"
        + (Edited ? "compositeWithTrainedAlgorithmicMedia" : "trainedAlgorithmicMedia");

    /// <summary>An XMP packet (ISO 16684-1) in UTF-8.</summary>
    internal byte[] ToXmp() =>
        Encoding.UTF8.GetBytes(
            $"""
            <?xpacket begin="{'\uFEFF'}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
              <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
                <rdf:Description rdf:about=""
                    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
                    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
                    xmlns:kontext="urn:kontext-distributed:xmp:1"
                    xmp:CreatorTool="{SecurityElement.Escape(Software)}"
                    Iptc4xmpExt:DigitalSourceType="{DigitalSourceType}"
                    kontext:Model="{SecurityElement.Escape(Model)}"
                    kontext:Seed="{Seed}"/>
              </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="r"?>
            """
        );
}

using System.Runtime.InteropServices;

namespace Kontext.Cli.Top;

/// <summary>A line of the view.</summary>
/// <param name="Text">Without codes that move a cursor.</param>
/// <param name="Style">How it stands out.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TopLine(string Text, TopStyle Style = TopStyle.Plain);

using Kontext.Cli;

return await KontextCommandLine.RunAsync(args, Terminal.OfProcess());

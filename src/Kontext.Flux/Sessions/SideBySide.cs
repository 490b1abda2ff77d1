using System.Runtime.ExceptionServices;

namespace Kontext.Flux.Sessions;

/// <summary>Opening several things at once, all or none.</summary>
internal static class SideBySide
{
    /// <summary>Runs all at the same time. If one fails, those that were opened are closed and its failure is thrown.</summary>
    /// <returns>What was opened, in the order of the functions.</returns>
    public static IDisposable[] Open(params IReadOnlyList<Func<IDisposable>> functions)
    {
        var opened = new IDisposable?[functions.Count];
        try
        {
            Parallel.For(0, functions.Count, i => opened[i] = functions[i]());
            return opened!;
        }
        catch (AggregateException error)
        {
            foreach (var one in opened)
            {
                one?.Dispose();
            }
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
            throw;
        }
    }
}

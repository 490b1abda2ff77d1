namespace Kontext.Worker.Tests;

/// <summary>Keeps a worker's device in one step, or in its next turn, until it is released.</summary>
internal sealed class Hold : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _released = new();

    /// <summary>Holds a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="atStep">Number of the step, from 1; 0 for a turn that is no step.</param>
    public Hold(WatchedModel model, int atStep)
    {
        if (atStep == 0)
        {
            model.BeforeTurn = Wait;
            return;
        }
        model.BeforeStep = step =>
        {
            if (step == atStep)
            {
                Wait();
            }
        };
    }

    public Task ReachedAsync() => _reached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public void Release() => _released.Set();

    public void Dispose() => _released.Set();

    private void Wait()
    {
        _reached.TrySetResult();
        _released.Wait(Patience).ShouldBeTrue();
    }
}

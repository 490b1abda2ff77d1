namespace Kontext.Contracts.Checkups;

/// <summary>Looks at one thing that serving depends on, from where it is used and the way it is used.</summary>
public interface ICheckup
{
    /// <summary>What is looked at, in a word or two.</summary>
    string Subject { get; }

    /// <summary>Where that is, for whoever has to be told that it does not answer: an address with its setting, or a path.</summary>
    string Place { get; }

    /// <summary>
    /// Looks once. What it finds wrong is a finding; what it throws besides <see cref="OperationCanceledException"/> and
    /// <see cref="KontextException"/> is a fault of the program.
    /// </summary>
    Task<Finding> RunAsync(CancellationToken cancellationToken);
}

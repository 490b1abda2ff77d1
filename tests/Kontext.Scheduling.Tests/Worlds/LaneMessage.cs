using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Tests.Worlds;

/// <summary>A task in a lane.</summary>
internal sealed record LaneMessage(int Id, StageTask Task, DateTimeOffset ExpiresAt, bool Redelivered = false);

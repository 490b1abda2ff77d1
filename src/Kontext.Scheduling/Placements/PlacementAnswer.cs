namespace Kontext.Scheduling.Placements;

/// <summary>What there is for a task.</summary>
public enum PlacementAnswer
{
    /// <summary>A worker has room, and no faster one would end it sooner.</summary>
    Placed,

    /// <summary>Whoever would take it now would end it later than a faster worker that is free soon: it is better left.</summary>
    SoonerElsewhere,

    /// <summary>No worker that it fits has room.</summary>
    NoRoom,
}

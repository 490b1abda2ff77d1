namespace Kontext.Scheduling.Simulation;

/// <summary>What a tenant has had.</summary>
/// <param name="Name">The tenant.</param>
/// <param name="DeviceS">Device time, in seconds.</param>
/// <param name="Share">Its part of everybody's.</param>
/// <param name="ShareWhileAllWait">Its part while every tenant had jobs that waited; null: they never did.</param>
public sealed record TenantReport(string Name, double DeviceS, double Share, double? ShareWhileAllWait = null);

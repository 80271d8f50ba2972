package dev.gradwatch.detection.event;

/** What a run says of itself, or, for {@link Tick}, what its silence says. Absent values are {@code null}; NaN and infinity are data. */
public sealed interface RunEvent permits RunStarted, EpochCompleted, GradientNorms, Heartbeat, RunFinished, Tick {}

package dev.gradwatch.detection.state;

/** All that is remembered of one run: bounded, mutable, owned by one thread. {@link RunStateCodec} turns it into bytes and back. */
public final class RunState {}

package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.failure.Original;
import dev.gradwatch.detection.event.RunRecord;

/**
 * A record that was read, with what it was read from: it may still turn out to be unusable, and then the original goes to the dead letters.
 */
record DecodedRecord(RunRecord record, Original original) {}

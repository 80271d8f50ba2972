package dev.gradwatch.detection.event;

/**
 * Something of an event that was left out or cut, because it cannot be or is too much; the rest of the event counts.
 *
 * @param field which field
 * @param times how often in this event, 1 or more
 * @param what what was found the first time and what is allowed, for people; holds no text of the event
 */
public record IgnoredField(EventField field, int times, String what) {}

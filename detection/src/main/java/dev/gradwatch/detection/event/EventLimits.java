package dev.gradwatch.detection.event;

/**
 * What an event may be, in one place: how long a text or a list, and which numbers. Readers of records and of logs cut or refuse by these,
 * publishers carry a copy that a test holds against this class, and {@code docs/events.md} shows them.
 */
public final class EventLimits {

    /** Characters of a run id: it is a key, a file name and a label, so it may not be cut. */
    public static final int RUN_ID_CHARACTERS = 256;

    /** Characters of any other text. Free text is cut; what identifies something (a layer, a metric, a tag) is left out. */
    public static final int TEXT_CHARACTERS = 1024;

    /** Steps in one event: a second of the fastest training loops, with a margin of two. */
    public static final int STEPS = 4096;

    /** Layers of a registration or of a step; the largest models that were recorded have some 1,000 tensors. */
    public static final int LAYERS = 4096;

    /** Layers of all steps of one event together: 64 steps of a model at the limit, about 50 MB while the event is read. */
    public static final int LAYERS_OF_ALL_STEPS = 64 * LAYERS;

    /** Entries of a list of names: findings, metrics that are better when lower, detectors that may stop. */
    public static final int NAMES = 4096;

    /** Tags of a run. They are stored with its state and copied onto alerts. */
    public static final int TAGS = 64;

    /** Further metrics of an epoch or a step. */
    public static final int METRICS = 64;

    /** Attempts that one event may skip. More is a mistake that would make every event of the real attempts stale. */
    public static final int ATTEMPT_JUMP = 1000;

    /** The largest whole number that every language's double can hold, 2^53: steps and counts go no further. */
    public static final long LARGEST_COUNT = 1L << 53;

    /** How far an event's time may lie ahead of the time of its record, milliseconds: a time zone too many is half a day. */
    public static final long AHEAD_MILLIS = 24L * 60 * 60 * 1000;

    /** Event times, milliseconds since 1970 UTC: up to 2200-01-01. Microseconds taken for milliseconds lie far beyond. */
    public static final NumberRange TIME = NumberRange.from(1, 7_258_118_400_000L);

    /** In percent, with room for what single precision makes of 100. */
    private static final double HIGHEST_ACCURACY = 100.1;

    public static final NumberRange ATTEMPT = NumberRange.from(1, Integer.MAX_VALUE);

    /** Optimizer steps since the start of the run, and other counts that may be 0. */
    public static final NumberRange STEP = NumberRange.from(0, LARGEST_COUNT);

    /** Counts of which there is at least one. */
    public static final NumberRange COUNT = NumberRange.from(1, LARGEST_COUNT);

    public static final NumberRange CLASSES = NumberRange.from(2, LARGEST_COUNT);

    /** Epochs since the start of the run. */
    public static final NumberRange EPOCH = NumberRange.place();

    /** 0 to 1 or in percent. */
    public static final NumberRange ACCURACY = NumberRange.share(HIGHEST_ACCURACY);

    public static final NumberRange FRACTION = NumberRange.share(1);

    /** Norms and learning rates as they were measured. */
    public static final NumberRange MEASURED = NumberRange.measured();

    /** Learning rate and clip threshold as they were configured. */
    public static final NumberRange CONFIGURED = NumberRange.configured();

    private EventLimits() {}

    /** Whether a text may be the id of a run. */
    public static boolean isRunId(String text) {
        return text != null && !text.isBlank() && text.length() <= RUN_ID_CHARACTERS;
    }

    /** The text up to the limit; never half of a surrogate pair. */
    public static String cut(String text) {
        if (text == null || text.length() <= TEXT_CHARACTERS) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(TEXT_CHARACTERS - 1));
        return text.substring(0, splitsPair ? TEXT_CHARACTERS - 1 : TEXT_CHARACTERS);
    }
}

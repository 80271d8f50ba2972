package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each detector remembers of a run: a few numbers under its id, zero at the start of every attempt. Stored by id, so that adding a
 * detector, or a slot at the end of one, changes no stored layout.
 */
public final class DetectorMemory {

    /** Slots and detectors at most: far above what there are, so that damaged bytes cannot allocate memory. */
    private static final int MAX_SLOTS = 256;

    private static final int MAX_DETECTORS = 256;

    private static final double[] NOTHING = {};

    private final Map<String, double[]> slots = new TreeMap<>();

    /** The same slots by the detector's place in the catalogue, to spare the hot path a search. */
    private double[][] byPlace = {};

    /**
     * The slots of a detector, {@code size} of them or more.
     *
     * @param place the detector's place in the catalogue, the same at every call
     */
    public double[] of(int place, String detector, int size) {
        if (place < byPlace.length && byPlace[place] != null) {
            return byPlace[place];
        }
        if (place >= byPlace.length) {
            byPlace = Arrays.copyOf(byPlace, Math.max(place + 1, 2 * byPlace.length));
        }
        byPlace[place] = size == 0 ? NOTHING : of(detector, size);
        return byPlace[place];
    }

    private double[] of(String detector, int size) {
        double[] own = slots.get(detector);
        if (own == null || own.length < size) {
            own = own == null ? new double[size] : Arrays.copyOf(own, size);
            slots.put(detector, own);
        }
        return own;
    }

    void clear() {
        slots.values().forEach(own -> Arrays.fill(own, 0));
    }

    void exchange(Fields fields) {
        int detectors = fields.count(
                (int) slots.values().stream().filter(DetectorMemory::isUsed).count(), MAX_DETECTORS);
        if (fields.reading()) {
            slots.clear();
            byPlace = new double[0][];
            for (int i = 0; i < detectors; i++) {
                String id = fields.requiredText("");
                exchange(fields, of(id, fields.count(0, MAX_SLOTS)));
            }
        } else {
            slots.forEach((id, own) -> {
                if (isUsed(own)) {
                    fields.text(id);
                    fields.count(own.length, MAX_SLOTS);
                    exchange(fields, own);
                }
            });
        }
    }

    private static void exchange(Fields fields, double[] own) {
        for (int i = 0; i < own.length; i++) {
            own[i] = fields.compactNumber(own[i]);
        }
    }

    private static boolean isUsed(double[] own) {
        for (double slot : own) {
            if (slot != 0) {
                return true;
            }
        }
        return false;
    }
}

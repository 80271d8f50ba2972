package dev.gradwatch.detection.detector;

import java.util.List;

/** Every detector, in the order in which they examine an event. Adding one is one line here. */
public final class Catalogue {

    private static final List<CatalogueEntry> ENTRIES = List.of();

    private Catalogue() {}

    public static List<CatalogueEntry> entries() {
        return ENTRIES;
    }
}

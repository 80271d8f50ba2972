package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Severity;
import java.util.List;
import java.util.Set;

/**
 * A detector as people see it.
 *
 * @param id kebab-case symptom, never reused
 * @param title a few words
 * @param summary one or two sentences: what it watches and when it fires
 * @param severities what it may open
 * @param yieldsTo detectors that explain the same fault better: while one of them is open and loud, this one only adds its symptom
 * @param parameters its settings
 */
public record CatalogueEntry(
        String id,
        String title,
        String summary,
        Set<Severity> severities,
        Set<String> yieldsTo,
        List<Parameter> parameters) {

    public CatalogueEntry {
        severities = Set.copyOf(severities);
        yieldsTo = Set.copyOf(yieldsTo);
        parameters = List.copyOf(parameters);
    }
}

package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.Profile;
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
 * @param mutedIn profiles in which it says nothing, because what it watches is normal there
 * @param parameters its settings
 */
public record CatalogueEntry(
        String id,
        String title,
        String summary,
        Set<Severity> severities,
        Set<String> yieldsTo,
        Set<Profile> mutedIn,
        List<Parameter> parameters) {

    public CatalogueEntry {
        severities = Set.copyOf(severities);
        yieldsTo = Set.copyOf(yieldsTo);
        mutedIn = Set.copyOf(mutedIn);
        parameters = List.copyOf(parameters);
    }

    /** An entry that yields to nobody and is active in every profile. */
    public CatalogueEntry(
            String id, String title, String summary, Set<Severity> severities, List<Parameter> parameters) {
        this(id, title, summary, severities, Set.of(), Set.of(), parameters);
    }

    /** The same, of a rule on a trend that a loss has only where it is meant to fall. */
    public CatalogueEntry onTrend() {
        return mutedIn(Set.of(Profile.ADVERSARIAL, Profile.REINFORCEMENT));
    }

    /** The same, where slow is normal, too. */
    public CatalogueEntry onPace() {
        return mutedIn(Set.of(Profile.ADVERSARIAL, Profile.REINFORCEMENT, Profile.LANGUAGE_MODEL));
    }

    /** The same, with the ids of the detectors that explain the same fault better. */
    public CatalogueEntry yieldsTo(Set<String> stronger) {
        return new CatalogueEntry(id, title, summary, severities, stronger, mutedIn, parameters);
    }

    private CatalogueEntry mutedIn(Set<Profile> profiles) {
        return new CatalogueEntry(id, title, summary, severities, yieldsTo, profiles, parameters);
    }
}

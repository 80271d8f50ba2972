package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.Profile;
import java.util.List;
import java.util.Set;

/**
 * Everything that is known of a detector besides its rule. Alerts, diagnosis, snapshots, the command line and the docs read it here; none
 * of them knows a detector by name. Made by the {@link CatalogueEntryBuilder}.
 *
 * @param id kebab-case symptom, never reused
 * @param title a few words
 * @param summary one or two sentences: what it watches and when it fires
 * @param severities what it may open
 * @param mutedIn profiles in which it is muted, because what it watches is normal there
 * @param parameters its settings
 * @param about what its symptom is about
 * @param traits what is special about its symptom: decides which evidence the diagnosis weighs
 * @param causes the causes that its symptom points to by itself
 * @param helpfulEvidence fields that would tell its causes apart
 * @param requiredFields fields without which it cannot judge
 * @param yieldsTo ids of the detectors that explain the same fault better: while one of them pages people, this one only adds its symptom
 * @param mayRecommendStop whether a confirmed critical alert may recommend to stop the run: waiting does not mend the fault
 * @param diagnosedOnce whether the diagnosis stays as it was when the alert opened, because later records know less of the cause
 * @param effect what the fault does to the weights of a run
 */
public record CatalogueEntry(
        String id,
        String title,
        String summary,
        Set<Severity> severities,
        Set<Profile> mutedIn,
        List<Parameter> parameters,
        Subject about,
        Set<SymptomTrait> traits,
        List<SuggestedCause> causes,
        Set<HelpfulEvidence> helpfulEvidence,
        Set<RequiredField> requiredFields,
        Set<String> yieldsTo,
        boolean mayRecommendStop,
        boolean diagnosedOnce,
        FaultEffect effect) {

    /** Begins the entry of a detector. */
    public static CatalogueEntryBuilder of(String id) {
        return new CatalogueEntryBuilder(id);
    }

    /** Whether its symptom has a trait. */
    public boolean has(SymptomTrait trait) {
        return traits.contains(trait);
    }

    /** The same entry with the ids of the detectors that explain the same fault better. */
    public CatalogueEntry yieldsTo(Set<String> stronger) {
        return new CatalogueEntry(
                id,
                title,
                summary,
                severities,
                mutedIn,
                parameters,
                about,
                traits,
                causes,
                helpfulEvidence,
                requiredFields,
                Set.copyOf(stronger),
                mayRecommendStop,
                diagnosedOnce,
                effect);
    }

    @Override
    public String toString() {
        return id;
    }
}

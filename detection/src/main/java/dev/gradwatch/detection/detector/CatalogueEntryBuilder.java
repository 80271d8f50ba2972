package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.Profile;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Makes a {@link CatalogueEntry}. Used once, where a detector's class is initialized; not thread-safe. */
public final class CatalogueEntryBuilder {

    private final String id;
    private final List<SuggestedCause> causes = new ArrayList<>();
    private final Set<Severity> severities = EnumSet.noneOf(Severity.class);
    private final Set<Profile> mutedIn = EnumSet.noneOf(Profile.class);
    private final Set<SymptomTrait> traits = EnumSet.noneOf(SymptomTrait.class);
    private final Set<HelpfulEvidence> helpfulEvidence = EnumSet.noneOf(HelpfulEvidence.class);
    private final Set<RequiredField> requiredFields = EnumSet.noneOf(RequiredField.class);
    private List<Parameter> parameters = List.of();
    private String title;
    private String summary;
    private Subject about;
    private boolean mayRecommendStop;
    private boolean diagnosedOnce;
    private FaultEffect effect = FaultEffect.of(FaultEffect.Kind.UNKNOWN);

    CatalogueEntryBuilder(String id) {
        this.id = id;
    }

    /** A few words. */
    public CatalogueEntryBuilder title(String value) {
        title = value;
        return this;
    }

    /** One or two sentences: what it watches and when it fires. */
    public CatalogueEntryBuilder summary(String value) {
        summary = value;
        return this;
    }

    /** What it may open. */
    public CatalogueEntryBuilder severities(Severity... values) {
        severities.addAll(Arrays.asList(values));
        return this;
    }

    /** Its settings. */
    public CatalogueEntryBuilder parameters(Parameter... values) {
        parameters = List.of(values);
        return this;
    }

    /** What its symptom is about, and what is special about it. */
    public CatalogueEntryBuilder about(Subject subject, SymptomTrait... special) {
        about = subject;
        traits.addAll(Arrays.asList(special));
        return this;
    }

    /** A cause that the symptom points to, and how strongly. */
    public CatalogueEntryBuilder suggests(CauseCode cause, double weight) {
        causes.add(new SuggestedCause(cause, weight, null, run -> true));
        return this;
    }

    /** A cause that the symptom points to in some runs only. */
    public CatalogueEntryBuilder suggests(CauseCode cause, double weight, String condition, Predicate<RunState> when) {
        causes.add(new SuggestedCause(cause, weight, condition, when));
        return this;
    }

    /** Fields that would tell its causes apart. */
    public CatalogueEntryBuilder helpedBy(HelpfulEvidence... evidence) {
        helpfulEvidence.addAll(Arrays.asList(evidence));
        return this;
    }

    /** Fields without which it cannot judge. */
    public CatalogueEntryBuilder needs(RequiredField... fields) {
        requiredFields.addAll(Arrays.asList(fields));
        return this;
    }

    /** It judges a trend, which a loss has only where it is meant to fall. */
    public CatalogueEntryBuilder onTrend() {
        return mutedIn(Profile.ADVERSARIAL, Profile.REINFORCEMENT);
    }

    /** It judges a pace, and slow is normal for language models, too. */
    public CatalogueEntryBuilder onPace() {
        return mutedIn(Profile.ADVERSARIAL, Profile.REINFORCEMENT, Profile.LANGUAGE_MODEL);
    }

    private CatalogueEntryBuilder mutedIn(Profile... profiles) {
        mutedIn.addAll(Arrays.asList(profiles));
        return this;
    }

    /** A confirmed critical alert may recommend to stop the run. */
    public CatalogueEntryBuilder mayRecommendStop() {
        mayRecommendStop = true;
        return this;
    }

    /** Its diagnosis stays as it was when the alert opened. */
    public CatalogueEntryBuilder diagnosedOnce() {
        diagnosedOnce = true;
        return this;
    }

    /** What the fault does to the weights. */
    public CatalogueEntryBuilder affecting(FaultEffect value) {
        effect = value;
        return this;
    }

    /**
     * The entry, which yields to nobody until the catalogue says so.
     *
     * @throws IllegalStateException when something is missing
     */
    public CatalogueEntry build() {
        if (title == null || summary == null || about == null || severities.isEmpty()) {
            throw new IllegalStateException(id + ": title, summary, severities and subject are needed");
        }
        return new CatalogueEntry(
                id,
                title,
                summary,
                Collections.unmodifiableSet(EnumSet.copyOf(severities)),
                Collections.unmodifiableSet(EnumSet.copyOf(mutedIn)),
                parameters,
                about,
                Collections.unmodifiableSet(EnumSet.copyOf(traits)),
                List.copyOf(causes),
                Collections.unmodifiableSet(EnumSet.copyOf(helpfulEvidence)),
                Collections.unmodifiableSet(EnumSet.copyOf(requiredFields)),
                Set.of(),
                mayRecommendStop,
                diagnosedOnce,
                effect);
    }
}

package dev.gradwatch.detection.event;

import java.util.Locale;

/** What kind of loss a run has, which decides what may be expected of its trend. */
public enum Profile {
    /** The loss is meant to fall and to settle. */
    SUPERVISED,
    /** The loss falls ever more slowly and never settles; slow is normal. */
    LANGUAGE_MODEL,
    /** Two models against each other: no loss is meant to fall. */
    ADVERSARIAL,
    /** The loss follows a policy that changes its own data: no loss is meant to fall. */
    REINFORCEMENT;

    /** The profile of a registration's text, such as {@code language-model}; {@link #SUPERVISED} when there is none or it is unknown. */
    public static Profile of(String text) {
        if (text != null) {
            String name = text.trim().toUpperCase(Locale.ROOT).replace('-', '_');
            for (Profile profile : values()) {
                if (profile.name().equals(name)) {
                    return profile;
                }
            }
        }
        return SUPERVISED;
    }

    /** Whether the training loss is meant to fall at all. */
    public boolean isLossMeantToFall() {
        return this == SUPERVISED || this == LANGUAGE_MODEL;
    }
}

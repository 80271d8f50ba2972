package dev.gradwatch.recorded.names;

import dev.gradwatch.recorded.names.Scalar.Part;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the names of a log stand for: the table for all logs ({@link ScalarNames}), what the user said of this one, and which of its losses
 * is the loss of the run. Immutable.
 */
public final class NameTable {

    /** The table for all logs alone. */
    public static final NameTable STANDARD = new NameTable(Map.of(), Map.of());

    /** Of reinforcement learning, where the actor's loss is the one that is minimized beside a critic's. */
    private static final List<String> ACTORS = List.of("policy_loss", "pg_loss", "actor_loss", "policy_gradient_loss");

    private final Map<String, String> given;
    private final Map<String, Scalar> chosen;

    private NameTable(Map<String, String> given, Map<String, Scalar> chosen) {
        this.given = Map.copyOf(given);
        this.chosen = Map.copyOf(chosen);
    }

    /**
     * With what the user said.
     *
     * @param nameOf the name in the log, by the name it stands for, such as {@code loss} to {@code ctc_loss}
     */
    public static NameTable of(Map<String, String> nameOf) {
        Map<String, String> given = new LinkedHashMap<>();
        nameOf.forEach((known, name) -> given.put(name, known));
        return new NameTable(given, Map.of());
    }

    /** What a name stands for. */
    public Scalar read(String name, Part where) {
        Scalar choice = chosen.get(name);
        if (choice != null) {
            return choice;
        }
        String known = given.get(name.strip());
        if (known == null) {
            return ScalarNames.read(name, where);
        }
        Scalar meant = ScalarNames.read(known, where);
        return new Scalar(meant.quantity(), meant.part(), meant.span(), name.strip());
    }

    /**
     * The table for a log with these names, where a loss by another name is the loss if it is the only one.
     *
     * @throws AmbiguousLossException when several could be and none is the total
     */
    public NameTable with(Collection<String> names, Part where) throws AmbiguousLossException {
        Map<String, Scalar> losses = new LinkedHashMap<>();
        boolean plain = false;
        boolean heldOut = false;
        for (String name : names) {
            Scalar scalar = read(name, where);
            plain |= (scalar.quantity() == Quantity.LOSS || scalar.quantity() == Quantity.PART_OF_LOSS)
                    && !scalar.isHeldOut();
            heldOut |= scalar.quantity() == Quantity.LOSS && scalar.isHeldOut();
            if (scalar.quantity() == Quantity.NAMED_LOSS) {
                losses.put(name, scalar);
            }
        }
        Map<String, Scalar> choice = new LinkedHashMap<>(chosen);
        if (!plain) {
            choose(losses, false, heldOut, choice);
        }
        if (!heldOut) {
            choose(losses, true, plain || !choice.isEmpty(), choice);
        }
        return new NameTable(given, choice);
    }

    private static void choose(
            Map<String, Scalar> losses, boolean heldOut, boolean optional, Map<String, Scalar> choice)
            throws AmbiguousLossException {
        List<String> candidates = new ArrayList<>();
        Set<String> measures = new LinkedHashSet<>();
        for (Map.Entry<String, Scalar> loss : losses.entrySet()) {
            if (loss.getValue().isHeldOut() == heldOut) {
                candidates.add(loss.getKey());
                measures.add(ScalarNames.measure(loss.getKey()));
            }
        }
        if (measures.size() > 1) {
            String actor = measures.stream()
                    .filter(measure -> ACTORS.stream().anyMatch(measure::endsWith))
                    .findFirst()
                    .orElse(null);
            if (actor == null) {
                if (optional) {
                    return;
                }
                throw new AmbiguousLossException(candidates);
            }
            candidates.removeIf(name -> !ScalarNames.measure(name).equals(actor));
        }
        for (String name : candidates) {
            Scalar scalar = losses.get(name);
            choice.put(name, new Scalar(Quantity.LOSS, scalar.part(), scalar.span(), scalar.label()));
        }
    }
}

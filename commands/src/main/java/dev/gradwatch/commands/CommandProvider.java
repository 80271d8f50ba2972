package dev.gradwatch.commands;

/**
 * Adds a command from another module: found by {@link java.util.ServiceLoader}, so that the service's own class path needs neither a
 * broker nor a simulated fleet.
 */
public interface CommandProvider {

    /** A new picocli command object, annotated with its name. */
    Object command();
}

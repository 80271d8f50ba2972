package dev.gradwatch.sandbox;

import dev.gradwatch.commands.CommandProvider;

/** Brings this module's commands to the command line; named in {@code META-INF/services}. */
public final class SandboxCommands {

    private SandboxCommands() {}

    /** {@code gradwatch sandbox}. */
    public static final class Run implements CommandProvider {
        @Override
        public Object command() {
            return new SandboxCommand();
        }
    }

    /** {@code gradwatch record-run}. */
    public static final class RecordRun implements CommandProvider {
        @Override
        public Object command() {
            return new RecordRunCommand();
        }
    }
}

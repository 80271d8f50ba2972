package dev.gradwatch.commands.options;

/** What the process's exit code means: decided here, shown in every command's help. */
public final class ExitCode {

    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int SOME_UNREADABLE = 3;

    /** For {@code exitCodeList}: annotations take constants alone. */
    public static final String DOC_OK = "0:done";

    public static final String DOC_FAILED = "1:failed at run time; the reason stands on stderr";
    public static final String DOC_USAGE = "2:wrong arguments or configuration";
    public static final String DOC_UNREADABLE = "3:some input files could not be read; the others were";
    public static final String DOC_INTERRUPTED = "130:interrupted by Ctrl-C";

    private ExitCode() {}
}

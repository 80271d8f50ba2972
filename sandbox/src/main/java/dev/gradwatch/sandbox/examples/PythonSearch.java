package dev.gradwatch.sandbox.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Looks for an interpreter: the one of {@code GRADWATCH_PYTHON}, else that of the virtual environment {@code .gradwatch/venv}, else
 * {@code python3}. The first of these that is there must do: what somebody named or made is not passed over in silence.
 */
public final class PythonSearch {

    static final String VARIABLE = "GRADWATCH_PYTHON";
    private static final long PATIENCE_SECONDS = 30;

    /** Prints what is missing, in words. Looks for the frameworks without importing them, which takes seconds. */
    private static final String PROBE = """
            import importlib.util, sys

            def there(module):
                try:
                    spec = importlib.util.find_spec(module)
                except (ImportError, ValueError):
                    return False
                return spec is not None and spec.origin is not None

            if sys.version_info < (3, 9):
                print("old", "%d.%d" % sys.version_info[:2])
                sys.exit()
            modules = {"confluent_kafka": "confluent-kafka", "fastavro": "fastavro", "keras": "keras", "sklearn": "scikit-learn"}
            missing = [name for module, name in modules.items() if not there(module)]
            if not any(map(there, ("jax", "torch", "tensorflow"))):  # Any will do; this one is the smallest.
                missing.append("jax")
            try:
                import gradwatch
            except ImportError as e:
                missing.insert(0, "gradwatch (%s)" % e)
            print("missing" if missing else "complete", ", ".join(missing))
            """;

    private final ExampleFiles files;
    private final Map<String, String> environment;
    private final Path here;

    /**
     * @param environment of this process
     * @param here the folder in which people type the commands that they are told
     */
    public PythonSearch(ExampleFiles files, Map<String, String> environment, Path here) {
        this.files = files;
        this.environment = environment;
        this.here = here.toAbsolutePath();
    }

    /**
     * The interpreter that has everything.
     *
     * @throws NoExamplesException when there is none, or it lacks something; says how to get it
     */
    public Python find() throws NoExamplesException, InterruptedException {
        String named = environment.getOrDefault(VARIABLE, "");
        Path venv = files.venv().resolve("bin").resolve("python");
        if (!named.isBlank()) {
            // A path is meant from where we are; the process starts elsewhere.
            String command =
                    named.contains("/") ? here.resolve(named).normalize().toString() : named;
            return checked(command, VARIABLE + "=" + named, quoted(named) + " -m pip install " + packages());
        }
        if (Files.isExecutable(venv)) {
            return checked(venv.toString(), shown(venv), quoted(shown(venv)) + " -m pip install " + packages());
        }
        return checked("python3", "python3", newVenv());
    }

    private Python checked(String command, String called, String remedy)
            throws NoExamplesException, InterruptedException {
        String answer;
        try {
            answer = ask(command);
        } catch (IOException e) {
            throw new NoExamplesException(
                    called + " cannot be started (" + reason(e) + ")",
                    "Install Python 3.9 or newer, then\n" + newVenv());
        }
        String[] words = answer.strip().split(" ", 2);
        String rest = words.length > 1 ? words[1].strip() : "";
        switch (words[0]) {
            case "complete" -> {
                return new Python(command, files);
            }
            case "missing" -> throw new NoExamplesException(called + " has no " + rest, remedy);
            case "old" ->
                throw new NoExamplesException(
                        called + " is Python " + rest + ", and 3.9 is the oldest that will do",
                        "Set " + VARIABLE + " to a newer one.");
            default ->
                throw new NoExamplesException(
                        called + " does not answer as a Python does", "Set " + VARIABLE + " to another one.");
        }
    }

    private String ask(String command) throws IOException, InterruptedException {
        Process process = Python.process(command, files, List.of(command, "-c", PROBE))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            process.getOutputStream().close();
            // It prints less than a pipe holds, so that it can end before it is read.
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return "";
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }

    private String newVenv() {
        String venv = shown(files.venv());
        return "python3 -m venv " + quoted(venv) + " &&\n" + quoted(venv + "/bin/pip") + " install " + packages();
    }

    private String packages() {
        String publisher = shown(files.publisher());
        // Without a leading dot or slash, pip would take it for the name of a package.
        return "'" + (publisher.startsWith("/") ? "" : "./") + publisher + "[keras]' jax scikit-learn";
    }

    /** As short as it can be typed from here. */
    private String shown(Path path) {
        Path whole = path.toAbsolutePath();
        return (whole.startsWith(here) ? here.relativize(whole) : whole).toString();
    }

    private static String quoted(String word) {
        return word.matches("[\\w./+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static String reason(IOException problem) {
        String message = String.valueOf(problem.getMessage());
        return message.substring(message.lastIndexOf(", ") < 0 ? 0 : message.lastIndexOf(", ") + 2);
    }
}

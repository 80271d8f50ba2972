package dev.gradwatch.sandbox.examples;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An interpreter that has what the examples need.
 *
 * @param command its path, or its name on the PATH
 */
public record Python(String command, ExampleFiles files) {

    private static final Path NICE = Path.of("/usr/bin/nice");

    /** Where the examples publish to. */
    public record Target(String broker, String registry) {}

    /** A training at low priority: the fleet's and the service's timing come first. */
    public ProcessBuilder training(Example example, long seed, Target target) {
        List<String> words = new ArrayList<>();
        if (Files.isExecutable(NICE)) {
            words.addAll(List.of(NICE.toString(), "-n", "10"));
        }
        words.addAll(List.of(
                command,
                files.scripts().resolve(example.script()).toString(),
                "--seed",
                Long.toString(Math.floorMod(seed, 1L << 32))));
        ProcessBuilder process = process(command, files, words);
        process.environment().put("GRADWATCH_BOOTSTRAP_SERVERS", target.broker());
        process.environment().put("GRADWATCH_REGISTRY_URL", target.registry());
        process.environment().put("GRADWATCH_TEAM", "examples");
        // One thread each: two trainings with a thread for each core would stand in everybody's way.
        process.environment().put("OMP_NUM_THREADS", "1");
        process.environment().put("PYTHONUNBUFFERED", "1");
        return process;
    }

    /** A process of this interpreter that hears nothing of other settings of Gradwatch. */
    static ProcessBuilder process(String command, ExampleFiles files, List<String> words) {
        ProcessBuilder process = new ProcessBuilder(words);
        // Not where we were started: a folder named keras there would be taken for the package.
        process.directory(files.scripts().toFile());
        Map<String, String> environment = process.environment();
        environment.keySet().removeIf(name -> name.startsWith("GRADWATCH_"));
        String path = environment.getOrDefault("PYTHONPATH", "");
        String sources = files.publisher().resolve("src").toString();
        environment.put("PYTHONPATH", path.isEmpty() ? sources : sources + File.pathSeparator + path);
        return process;
    }
}

package dev.gradwatch.sandbox.examples;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Where the examples and what they need lie in the source tree.
 *
 * @param home the tree's top folder
 */
public record ExampleFiles(Path home) {

    /**
     * The tree that this program was built in.
     *
     * @throws NoExamplesException when it is no longer there, as in an installation without sources
     */
    public static ExampleFiles find() throws NoExamplesException {
        CodeSource code = ExampleFiles.class.getProtectionDomain().getCodeSource();
        try {
            return Stream.iterate(Path.of(code.getLocation().toURI()), Objects::nonNull, Path::getParent)
                    .map(ExampleFiles::new)
                    .filter(files -> Files.isDirectory(files.scripts()))
                    .findFirst()
                    .orElseThrow(() -> new NoExamplesException(
                            "no folder examples/articles above "
                                    + code.getLocation().getPath(),
                            "Start ./gradwatch of a whole source tree of Gradwatch."));
        } catch (URISyntaxException e) {
            throw new IllegalStateException("This program lies at " + code.getLocation() + ", which is no path", e);
        }
    }

    Path scripts() {
        return home.resolve("examples").resolve("articles");
    }

    /** The publisher, which needs not be installed when what it stands on is. */
    Path publisher() {
        return home.resolve("publishers").resolve("python");
    }

    /** The virtual environment that people are told to make. */
    Path venv() {
        return home.resolve(".gradwatch").resolve("venv");
    }
}

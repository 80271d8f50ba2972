package dev.gradwatch.sandbox.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PythonSearchTest {

    @TempDir
    private Path home;

    private ExampleFiles files;

    @BeforeEach
    void makeTheTree() throws IOException {
        files = new ExampleFiles(home);
        Files.createDirectories(files.scripts());
    }

    @Test
    void takesTheInterpreterThatThePersonNames() throws Exception {
        Path named = script(home.resolve("mine/python"), "echo complete");
        script(files.venv().resolve("bin/python"), "echo missing keras");

        assertThat(search(named.toString()).find().command()).isEqualTo(named.toString());
        assertThat(search("mine/python").find().command()).isEqualTo(named.toString());
    }

    @Test
    void takesTheVirtualEnvironmentOfTheTreeWhenNoneIsNamed() throws Exception {
        Path venv = script(files.venv().resolve("bin/python"), "echo complete");
        assertThat(search("").find().command()).isEqualTo(venv.toString());
    }

    @Test
    void saysWhatTheInterpreterLacksAndTheCommandThatHelps() throws IOException {
        script(files.venv().resolve("bin/python"), "echo missing keras, scikit-learn");

        assertThatThrownBy(() -> search("").find())
                .isInstanceOf(NoExamplesException.class)
                .hasMessage(".gradwatch/venv/bin/python has no keras, scikit-learn")
                .extracting("remedy")
                .isEqualTo(".gradwatch/venv/bin/python -m pip install './publishers/python[keras]' jax scikit-learn");
    }

    @Test
    void tellsHowToMakeAnEnvironmentWhereNoPythonCanBeStarted() {
        assertThatThrownBy(() -> search("/nowhere/python").find())
                .isInstanceOf(NoExamplesException.class)
                .hasMessageStartingWith("GRADWATCH_PYTHON=/nowhere/python cannot be started")
                .extracting("remedy")
                .asString()
                .contains(
                        "python3 -m venv .gradwatch/venv &&\n.gradwatch/venv/bin/pip install './publishers/python[keras]'");
    }

    @Test
    void refusesAnOldPythonAndWhatIsNone() throws IOException {
        script(home.resolve("old"), "echo old 3.6");
        script(home.resolve("other"), "echo usage: other FILE; exit 2");

        assertThatThrownBy(() -> search("./old").find()).hasMessageContaining("is Python 3.6");
        assertThatThrownBy(() -> search("./other").find()).hasMessageContaining("does not answer as a Python");
    }

    @Test
    void givesTheProbeThePublisherOfTheTreeAndNoOtherSettings() throws Exception {
        script(
                home.resolve("python"),
                "case \"$PYTHONPATH\" in \"" + files.publisher() + "/src\"*) ;; *) echo missing sources; exit ;; esac",
                "[ \"$PWD\" = \"" + files.scripts().toRealPath() + "\" ] || { echo missing folder; exit; }",
                "env | grep -q ^GRADWATCH_ && echo missing quiet || echo complete");

        assertThat(search("./python").find().files()).isEqualTo(files);
    }

    private PythonSearch search(String named) {
        return new PythonSearch(files, Map.of(PythonSearch.VARIABLE, named), home);
    }

    static Path script(Path file, String... lines) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}

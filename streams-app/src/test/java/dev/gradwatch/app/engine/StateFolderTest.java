package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {

    @TempDir
    private Path folder;

    @Test
    void takesAnEmptyFolderAndOneThatIsNotThereYet() {
        assertThatCode(() -> StateFolder.check(folder, "gradwatch")).doesNotThrowAnyException();
        assertThatCode(() -> StateFolder.check(folder.resolve("new/one"), "gradwatch"))
                .doesNotThrowAnyException();
    }

    @Test
    void takesItsOwnFolderAgain() throws IOException {
        Files.createDirectories(folder.resolve("gradwatch/0_3"));
        Files.createDirectories(folder.resolve("lost+found"));
        Files.createDirectories(folder.resolve("gradwatch-staging"));
        Files.writeString(folder.resolve("gradwatch-staging/kafka-streams-process-metadata"), "{}");
        assertThatCode(() -> StateFolder.check(folder, "gradwatch")).doesNotThrowAnyException();
    }

    @Test
    void refusesRootAndHome() {
        refuses(Path.of("/"), "root of the file system");
        refuses(Path.of("/tmp/.."), "root of the file system");
        refuses(Path.of(System.getProperty("user.home")), "home folder");
    }

    @Test
    void refusesAFileAndAFolderOfSomebodyElse() throws IOException {
        Path file = Files.writeString(folder.resolve("notes.txt"), "mine");
        refuses(file, "is a file");
        refuses(folder, "holds something else (notes.txt)");
        Path other = Files.createDirectories(folder.resolve("other/photos"));
        refuses(other.getParent(), "holds something else (photos)");
    }

    private static void refuses(Path wrong, String why) {
        assertThatThrownBy(() -> StateFolder.check(wrong, "gradwatch"))
                .isInstanceOf(StateFolderException.class)
                .hasMessageContaining("streams.state-dir = ")
                .hasMessageContaining(why);
    }
}

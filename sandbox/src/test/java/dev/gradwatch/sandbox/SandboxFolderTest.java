package dev.gradwatch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxFolderTest {

    @TempDir
    private Path place;

    @Test
    void refusesASecondSandboxAndNamesTheFirst() {
        try (SandboxFolder first = SandboxFolder.open(place, false)) {
            assertThatThrownBy(() -> SandboxFolder.open(place, false))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()))
                    .hasMessageContaining(first.path().toString())
                    .hasMessageContaining("--data");
        }
        SandboxFolder.open(place, false).close();
    }

    @Test
    void refusesAFolderThatHoldsSomethingElse() throws IOException {
        Files.writeString(place.resolve("thesis.txt"), "irreplaceable");
        assertThatThrownBy(() -> SandboxFolder.open(place, true)).hasMessageContaining("no sandbox made");
        assertThat(place.resolve("thesis.txt")).exists();
    }

    @Test
    void startsFreshWithoutTouchingWhatOthersPutThere() throws IOException {
        try (SandboxFolder folder = SandboxFolder.open(place, false)) {
            folder.rememberNextRun(42);
            Files.createDirectories(folder.state().resolve("deep"));
        }
        Files.writeString(place.resolve("notes.txt"), "mine");
        try (SandboxFolder fresh = SandboxFolder.open(place, true)) {
            assertThat(fresh.nextRun()).isZero();
            assertThat(fresh.state()).doesNotExist();
        }
        assertThat(place.resolve("notes.txt")).exists();
    }

    @Test
    void goesOnWithRunNumbersAndPorts() {
        int port;
        try (SandboxFolder folder = SandboxFolder.open(place, false)) {
            folder.rememberNextRun(42);
            port = folder.port("http", 18437);
        }
        try (SandboxFolder again = SandboxFolder.open(place, false)) {
            assertThat(again.nextRun()).isEqualTo(42);
            assertThat(again.port("http", 18437)).isEqualTo(port);
        }
    }
}

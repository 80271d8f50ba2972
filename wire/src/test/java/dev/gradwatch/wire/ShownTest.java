package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ShownTest {

    @Test
    void cutsLongTextAndSaysHowMuchIsMissing() {
        assertThat(Shown.text("x".repeat(130))).isEqualTo("'" + "x".repeat(100) + "' and 30 characters more");
    }

    @Test
    void showsWhatATerminalWouldObeyAsEscapes() {
        assertThat(Shown.text("\u001b[2Jred\u202eder\n")).isEqualTo("'\\u001b[2Jred\\u202eder\\u000a'");
    }

    @Property
    void neverShowsAControlCharacterOrMoreThanItsBound(@ForAll String text) {
        assertThat(Shown.text(text)).doesNotContainPattern("\\p{Cntrl}").hasSizeLessThan(700);
    }
}

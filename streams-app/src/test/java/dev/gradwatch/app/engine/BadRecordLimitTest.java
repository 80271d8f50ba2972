package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BadRecordLimitTest {

    private static final String RECORD = "topic partition 0 offset 7, unreadable: cut short";

    @Test
    void toleratesAnyShareOfFewRecords() {
        BadRecordLimit limit = new BadRecordLimit(0.1, 5);
        assertThatCode(() -> bad(limit, 4)).doesNotThrowAnyException();
    }

    @Test
    void toleratesManyRecordsBelowTheShare() {
        BadRecordLimit limit = new BadRecordLimit(0.1, 5);
        assertThatCode(() -> {
                    for (int i = 0; i < 500; i++) {
                        good(limit, 19);
                        bad(limit, 1);
                    }
                })
                .doesNotThrowAnyException();
    }

    @Test
    void endsAboveBothAndSaysWhichRecordWasTheLast() {
        BadRecordLimit limit = new BadRecordLimit(0.1, 5);
        good(limit, 20);
        bad(limit, 4);
        assertThatThrownBy(() -> limit.bad(RECORD))
                .isInstanceOf(TooManyBadRecordsException.class)
                .hasMessageContaining("5 of the last 25 records")
                .hasMessageContaining(RECORD);
    }

    @Test
    void forgetsWhatIsAThousandRecordsAgo() {
        BadRecordLimit limit = new BadRecordLimit(0.1, 100);
        good(limit, 900);
        bad(limit, 99);
        good(limit, BadRecordLimit.WINDOW);
        assertThatCode(() -> bad(limit, 99)).doesNotThrowAnyException();
    }

    private static void good(BadRecordLimit limit, int times) {
        for (int i = 0; i < times; i++) {
            limit.good();
        }
    }

    private static void bad(BadRecordLimit limit, int times) {
        for (int i = 0; i < times; i++) {
            limit.bad(RECORD);
        }
    }
}

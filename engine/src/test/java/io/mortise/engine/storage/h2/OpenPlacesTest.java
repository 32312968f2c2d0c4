package io.mortise.engine.storage.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;
import org.junit.jupiter.api.Test;

/** H2's message of a statement that it has repeated for too long: it leaves a place open, which is filled here. */
final class OpenPlacesTest {
    private static SQLException repeated(DbException reason) {
        return DbException.get(ErrorCode.LOCK_TIMEOUT_1, reason, new String[0])
                .addSQL("UPDATE T SET V = '{0}'")
                .getSQLException();
    }

    @Test
    void h2LeavesItOpen() {
        assertThat((Throwable) repeated(DbException.get(ErrorCode.CONCURRENT_UPDATE_1, "T")))
                .hasMessageStartingWith("Timeout trying to lock table {0}; SQL statement:");
    }

    @Test
    void theTableIsNamedForWhichItWasRepeated() {
        SQLException error = repeated(DbException.get(ErrorCode.CONCURRENT_UPDATE_1, "T"));

        OpenPlaces.fill(error);

        assertThat((Throwable) error)
                .hasMessageStartingWith(
                        "Timeout trying to lock table \"T\"; SQL statement:\nUPDATE T SET V = '{0}' [50200-");
    }

    @Test
    void whereNoTableIsKnownNothingIsMadeUp() {
        SQLException error = repeated(DbException.get(ErrorCode.GENERAL_ERROR_1, "T"));
        OpenPlaces.fill(error);
        assertThat((Throwable) error).hasMessageNotContaining("lock table {0}");

        SQLException alone = DbException.get(ErrorCode.LOCK_TIMEOUT_1, (Throwable) null, new String[0])
                .getSQLException();
        OpenPlaces.fill(alone);
        assertThat((Throwable) alone).hasMessageStartingWith("Timeout trying to lock table ..");
    }

    @Test
    void everyOtherErrorStaysAsItIs() {
        SQLException whole = DbException.get(ErrorCode.LOCK_TIMEOUT_1, "T").getSQLException();
        String before = String.valueOf(whole.getMessage());

        OpenPlaces.fill(whole);

        assertThat((Throwable) whole).hasMessage(before);
    }
}

package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import java.sql.SQLException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A command marks all whom it ends, then ends each. Who has heard by himself in between is at his next statement, which
 * goes on.
 */
@Timeout(120)
final class EndedMeanwhileTest {
    private static final String UPDATE = "UPDATE T SET V = V + 1 WHERE ID = 1";

    private final Scene scene = Scene.inMemory();
    private Scene.Actor holder;
    private Scene.Actor marked;

    @BeforeEach
    void aRow() throws Exception {
        holder = scene.actor().inTransaction();
        marked = scene.actor();
        holder.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        holder.runs("INSERT INTO T VALUES (1, 0)");
        holder.commits();
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private void hearsByItself(WaitEnd how) throws Exception {
        holder.runs(UPDATE);
        Future<Integer> first = marked.waitsFor(UPDATE);
        marked.session.endings().mark(new WaitEnding(how, holder.session.id()));
        holder.commits();
        assertThatThrownBy(() -> Scene.finish(first)).isInstanceOf(SQLException.class);
    }

    private void nextOneGoesOn() throws Exception {
        holder.runs(UPDATE);
        Future<Integer> next = marked.waitsFor(UPDATE);
        marked.session.endings().carryOut();
        holder.commits();
        assertThat(Scene.finish(next)).isEqualTo(1);
    }

    @Test
    void inAutocommitTheNextStatementGoesOn() throws Exception {
        hearsByItself(WaitEnd.ABORTED);
        nextOneGoesOn();
        assertThat(marked.reads("SELECT V FROM T")).isEqualTo(3);
    }

    @Test
    void theNextTransactionGoesOn() throws Exception {
        marked.inTransaction();
        hearsByItself(WaitEnd.ABORTED);
        marked.rollsBack();
        nextOneGoesOn();
        marked.commits();
        assertThat(holder.reads("SELECT V FROM T")).isEqualTo(3);
    }

    @Test
    void aTransactionThatRunsNothingIsEndedWhenItIsCarriedOut() throws Exception {
        marked.inTransaction().runs(UPDATE);
        marked.session.endings().mark(new WaitEnding(WaitEnd.ABORTED, holder.session.id()));
        marked.session.endings().carryOut();
        assertThat(holder.runs(UPDATE)).isEqualTo(1);
        assertThatThrownBy(() -> marked.commits()).isInstanceOf(SQLException.class);
        holder.commits();
        marked.rollsBack();
        assertThat(holder.reads("SELECT V FROM T")).isEqualTo(1);
    }
}

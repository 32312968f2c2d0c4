package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.util.concurrent.CountDownLatch;
import org.flowable.common.engine.impl.cfg.TransactionState;
import org.flowable.common.engine.impl.context.Context;
import org.flowable.engine.ProcessEngine;
import org.flowable.engine.ProcessEngineConfiguration;
import org.flowable.engine.delegate.DelegateExecution;
import org.flowable.engine.delegate.JavaDelegate;
import org.flowable.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@WorksWith(
        client = "Flowable",
        from = ProcessEngine.class,
        tried = "schema creation; forty processes with asynchronous service tasks, begun by four threads: all end; also"
                + " at SERIALIZABLE")
@Timeout(240)
final class FlowableItemsTest {
    private static final int PROCESSES = 40;
    private static volatile CountDownLatch left = new CountDownLatch(0);

    /** What a process does. */
    public static final class Step implements JavaDelegate {
        @Override
        public void execute(DelegateExecution execution) {
            CountDownLatch counted = left;
            Context.getTransactionContext()
                    .addTransactionListener(TransactionState.COMMITTED, context -> counted.countDown());
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyProcessesRunAtOnce(Side side) throws Exception {
        HikariDataSource pool = side.pool("");
        left = new CountDownLatch(PROCESSES);
        ProcessEngine engine = new StandaloneProcessEngineConfiguration()
                .setDataSource(pool)
                .setDatabaseSchemaUpdate(ProcessEngineConfiguration.DB_SCHEMA_UPDATE_TRUE)
                .setAsyncExecutorActivate(true)
                .buildProcessEngine();
        engine.getRepositoryService()
                .createDeployment()
                .addString("orders.bpmn20.xml", Bpmn.withOneTask("http://flowable.org/bpmn", "ext:async", Step.class))
                .deploy();

        Crowd.Result begun = Crowd.of(
                4,
                PROCESSES / 4,
                (thread, round) ->
                        Again.untilItSucceeds(() -> engine.getRuntimeService().startProcessInstanceByKey("orders")));
        left.await();
        long ended = engine.getHistoryService()
                .createHistoricProcessInstanceQuery()
                .finished()
                .count();
        engine.close();
        pool.close();

        assertThat(begun.failures()).isEmpty();
        assertThat(ended).isEqualTo(PROCESSES);
    }
}

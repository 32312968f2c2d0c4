package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.util.concurrent.CountDownLatch;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngineConfiguration;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.camunda.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.cfg.TransactionState;
import org.camunda.bpm.engine.impl.context.Context;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@WorksWith(
        client = "Camunda 7",
        from = ProcessEngine.class,
        tried = "schema creation; forty processes with asynchronous service tasks, begun by four threads: all end; also"
                + " at SERIALIZABLE",
        needs = "at SERIALIZABLE: `skipIsolationLevelCheck`, as with plain H2")
@Timeout(240)
final class CamundaItemsTest {
    private static final int PROCESSES = 40;
    private static volatile CountDownLatch left = new CountDownLatch(0);

    /** What a process does. */
    public static final class Step implements JavaDelegate {
        @Override
        public void execute(DelegateExecution execution) {
            CountDownLatch counted = left;
            Context.getCommandContext()
                    .getTransactionContext()
                    .addTransactionListener(TransactionState.COMMITTED, context -> counted.countDown());
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyProcessesRunAtOnce(Side side) throws Exception {
        HikariDataSource pool = side.pool("");
        left = new CountDownLatch(PROCESSES);
        StandaloneProcessEngineConfiguration configuration = new StandaloneProcessEngineConfiguration();
        configuration.setProcessEngineName(side.name());
        configuration.setDataSource(pool);
        configuration.setDatabaseSchemaUpdate(ProcessEngineConfiguration.DB_SCHEMA_UPDATE_TRUE);
        configuration.setJobExecutorActivate(true);
        configuration.setEnforceHistoryTimeToLive(false);
        configuration.setSkipIsolationLevelCheck(true);
        ProcessEngine engine = configuration.buildProcessEngine();
        engine.getRepositoryService()
                .createDeployment()
                .addString(
                        "orders.bpmn",
                        Bpmn.withOneTask("http://camunda.org/schema/1.0/bpmn", "ext:asyncBefore", Step.class))
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

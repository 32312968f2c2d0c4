package io.mortise.postgres.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.postgres.server.ServerLock;
import io.mortise.postgres.server.ServerMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A thousand who wait for one row are told with work that grows as their number does. No server takes part. */
final class ManyWaitersTest {
    private static final int HOLDER = 1;
    private static final int WAITERS = 1_000;

    @Test
    void aThousandWaitersAreToldInLinearWork() {
        Look look = Look.of(0, locks(), Map.of(), Map.of());
        AtomicInteger asked = new AtomicInteger();

        List<LockRow> rows = new Told(
                        look,
                        pid -> {
                            asked.incrementAndGet();
                            return new OwnerId(pid, look.transaction(pid));
                        },
                        pid -> StatementRecord.NONE)
                .rows();

        List<LockRow> pending = rows.stream().filter(row -> !row.granted()).toList();
        assertThat(pending)
                .hasSize(WAITERS)
                .allSatisfy(row ->
                        assertThat(row.blockers().get(0).owner().session()).isEqualTo(HOLDER));
        assertThat(rows).anySatisfy(row -> {
            assertThat(row.granted()).isTrue();
            assertThat(row.owner().session()).isEqualTo(HOLDER);
        });
        // The holder, the first in line, and the nearest 32 ahead; and itself.
        assertThat(asked.get()).isLessThan(WAITERS * 40);
        assertThat(look.of(pending.get(0).target()).text()).startsWith("public.crowded");
    }

    private static List<ServerLock> locks() {
        List<ServerLock> locks = new ArrayList<>();
        locks.add(lock(HOLDER, "transactionid", "77", true));
        locks.add(lock(2, "tuple", "row", true));
        locks.add(lock(2, "transactionid", "77", false));
        for (int pid = 3; pid < WAITERS + 2; pid++) {
            locks.add(lock(pid, "tuple", "row", false));
        }
        return locks;
    }

    private static ServerLock lock(int pid, String type, String tag, boolean granted) {
        boolean isRow = type.equals("tuple");
        return new ServerLock(
                pid,
                type + " " + tag,
                type,
                isRow ? 42 : 0,
                isRow ? "public" : "",
                isRow ? "crowded" : "",
                0,
                1,
                ServerMode.EXCLUSIVE,
                granted,
                granted ? 0 : WAITERS - pid + 1,
                "",
                pid,
                "ExclusiveLock",
                "",
                "",
                List.of());
    }
}

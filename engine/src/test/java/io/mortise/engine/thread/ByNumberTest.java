package io.mortise.engine.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ByNumberTest {
    private record Entry(int number) {}

    private final ByNumber<Entry> entries = new ByNumber<>(Entry::number);

    @Test
    void whatIsThereIsFoundHoweverManyThereAre() {
        Random random = new Random(Long.getLong("seed", 1));
        Map<Integer, Entry> model = new HashMap<>();
        for (int number = 1; number < 5_000; number++) {
            Entry next = new Entry(number);
            model.put(number, next);
            entries.put(next);
            List<Entry> open = new ArrayList<>(model.values());
            while (open.size() > random.nextInt(100)) {
                Entry gone = open.remove(random.nextInt(open.size()));
                model.remove(gone.number());
                entries.remove(gone);
                entries.remove(gone);
            }
            int looked = 1 + random.nextInt(number + 40);
            assertThat(entries.get(looked)).isSameAs(model.get(looked));
            assertThat(entries.find(looked).isPresent()).isEqualTo(model.containsKey(looked));
            assertThat(entries.all()).containsExactlyInAnyOrderElementsOf(model.values());
        }
    }

    @Test
    void whoComesWithANumberThatIsThereTakesItsPlace() {
        for (int number = 1; number < 100; number++) {
            entries.put(new Entry(number));
        }
        for (int number = 1; number < 100; number++) {
            Entry later = new Entry(number);
            entries.put(later);
            assertThat(entries.get(number)).isSameAs(later);
        }
        assertThat(entries.all()).hasSize(99);
    }

    /** The others come and go at the same places, and in the map behind them. */
    @Test
    @Timeout(60)
    void whatStaysIsSeenOnceByAllWhileOthersComeAndGo() throws Exception {
        List<Entry> stay = new ArrayList<>();
        AtomicInteger numbers = new AtomicInteger();
        for (int i = 0; i < 40; i++) {
            Entry entry = new Entry(numbers.incrementAndGet());
            entries.put(entry);
            stay.add(entry);
        }
        stay.removeIf(entry -> {
            boolean isPlaceToFree = entry.number() % 3 == 0;
            if (isPlaceToFree) {
                entries.remove(entry);
            }
            return isPlaceToFree;
        });
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                all.add(threads.submit(() -> comeAndGo(stay, numbers)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(entries.all()).containsExactlyInAnyOrderElementsOf(stay);
    }

    private void comeAndGo(List<Entry> stay, AtomicInteger numbers) {
        for (int i = 0; i < 20_000; i++) {
            Entry mine = new Entry(numbers.incrementAndGet());
            entries.put(mine);
            assertThat(entries.get(mine.number())).isSameAs(mine);
            if (i % 100 == 0) {
                List<Entry> seen = entries.all();
                assertThat(seen).contains(mine).containsAll(stay).doesNotHaveDuplicates();
            }
            entries.remove(mine);
            assertThat(entries.get(mine.number())).isNull();
        }
    }
}

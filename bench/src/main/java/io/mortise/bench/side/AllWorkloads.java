package io.mortise.bench.side;

import io.mortise.bench.smallbank.SmallBank;
import io.mortise.bench.tpcc.Tpcc;
import io.mortise.bench.workload.AtSerializable;
import io.mortise.bench.workload.Workload;
import io.mortise.bench.workload.Workloads;
import io.mortise.bench.ycsb.Ycsb;
import java.util.ArrayList;
import java.util.List;

/** Every workload there is, by name. Stateless. */
final class AllWorkloads {
    private AllWorkloads() {}

    static List<Workload> all() {
        List<Workload> all = new ArrayList<>(Workloads.all());
        all.add(new Tpcc(2, 8));
        all.addAll(Workloads.serializable());
        all.add(new AtSerializable(new Tpcc(2, 2), Workloads.SERIALIZABLE));
        all.add(new AtSerializable(new SmallBank(2), Workloads.SERIALIZABLE));
        all.add(new AtSerializable(new Ycsb(2), Workloads.SERIALIZABLE));
        return all;
    }

    /**
     * Those of these names, or whose names begin so.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names
     */
    static List<Workload> named(List<String> names) {
        List<Workload> chosen = new ArrayList<>();
        for (String name : names) {
            List<Workload> found =
                    all().stream().filter(each -> each.name().equals(name)).toList();
            if (found.isEmpty()) {
                found = all().stream()
                        .filter(each -> each.name().startsWith(name))
                        .toList();
            }
            if (found.isEmpty()) {
                String known =
                        String.join(", ", all().stream().map(Workload::name).toList());
                throw new IllegalArgumentException("No workload " + name + ". There are " + known + ".");
            }
            chosen.addAll(found);
        }
        return chosen;
    }
}

package io.mortise.bench.tpcc;

import java.util.Random;

/** Random values as clause 2.1.6 and 4.3 of TPC-C want them. One thread at a time. */
final class TpccRandom {
    private static final String[] SYLLABLES = {
        "BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING"
    };
    // The constants C of NURand. The run's C_LAST differs from the load's by 100, as clause 2.1.6.1 allows.
    private static final int C_LAST_OF_LOAD = 61;
    private static final int C_LAST_OF_RUN = 161;
    private static final int C_CUSTOMER = 259;
    private static final int C_ITEM = 7911;

    private final Random random;

    TpccRandom(Random random) {
        this.random = random;
    }

    /** From {@code least} to {@code most}, both included. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    boolean percent(int chance) {
        return between(1, 100) <= chance;
    }

    int customer() {
        return skewed(1023, C_CUSTOMER, 1, TpccTables.CUSTOMERS);
    }

    int item() {
        return skewed(8191, C_ITEM, 1, TpccTables.ITEMS);
    }

    String lastNameOfRun() {
        return lastName(skewed(255, C_LAST_OF_RUN, 0, 999));
    }

    /** The last name of the n-th customer of a district: each name once, then by chance. */
    String lastNameOfLoad(int customer) {
        return lastName(customer <= 1_000 ? customer - 1 : skewed(255, C_LAST_OF_LOAD, 0, 999));
    }

    static String lastName(int number) {
        return SYLLABLES[number / 100] + SYLLABLES[number / 10 % 10] + SYLLABLES[number % 10];
    }

    /** Another warehouse than {@code home}, if there is one. */
    int otherWarehouse(int home, int warehouses) {
        return warehouses == 1 ? home : (home - 1 + between(1, warehouses - 1)) % warehouses + 1;
    }

    String text(int least, int most) {
        char[] letters = new char[between(least, most)];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = (char) ('a' + random.nextInt(26));
        }
        return new String(letters);
    }

    /** NURand(a, least, most) of clause 2.1.6. */
    private int skewed(int a, int constant, int least, int most) {
        return ((between(0, a) | between(least, most)) + constant) % (most - least + 1) + least;
    }
}

package io.mortise.bench.ycsb;

import java.util.Arrays;
import java.util.Random;

/**
 * Numbers from 0 on, of which the n-th is as likely as one by n to the power of a constant. Immutable, so every client
 * may ask the same one.
 */
final class Zipfian {
    /** What YCSB has. */
    private static final double SKEW = 0.99;

    /** The chance of a number up to this one. */
    private final double[] upTo;

    Zipfian(int numbers) {
        upTo = new double[numbers];
        double sum = 0;
        for (int number = 0; number < numbers; number++) {
            sum += 1 / Math.pow(number + 1.0, SKEW);
            upTo[number] = sum;
        }
        for (int number = 0; number < numbers; number++) {
            upTo[number] /= sum;
        }
    }

    int next(Random random) {
        int found = Arrays.binarySearch(upTo, random.nextDouble());
        return Math.min(found < 0 ? -found - 1 : found, upTo.length - 1);
    }
}

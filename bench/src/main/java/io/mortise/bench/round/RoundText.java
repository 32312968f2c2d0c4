package io.mortise.bench.round;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** A round as one line of text, as one process tells another of it. Stateless. */
final class RoundText {
    private static final String BETWEEN = " ";
    private static final String AMONG = ",";

    private RoundText() {}

    static String of(Round round) {
        return String.join(
                BETWEEN,
                text(round.units()),
                text(round.nanos()),
                text(round.refusals(), round.timeouts()),
                text(
                        round.usage().cpuNanos(),
                        round.usage().bytes(),
                        round.usage().switches(),
                        round.usage().compiledMillis()),
                text(round.latencies()));
    }

    /** @throws IllegalArgumentException if that is no round */
    static Round read(String line) {
        String[] parts = line.split(BETWEEN, -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException("no round: " + line);
        }
        long[] ended = numbers(parts[2]);
        long[] used = numbers(parts[3]);
        return new Round(
                numbers(parts[0]),
                numbers(parts[1]),
                ended[0],
                ended[1],
                new Usage(used[0], used[1], used[2], used[3]),
                histogram(parts[4]));
    }

    private static String text(long... numbers) {
        return Arrays.stream(numbers).mapToObj(Long::toString).collect(Collectors.joining(AMONG));
    }

    private static long[] numbers(String text) {
        return Arrays.stream(text.split(AMONG)).mapToLong(Long::parseLong).toArray();
    }

    private static String text(Histogram histogram) {
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    }

    private static Histogram histogram(String text) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("no histogram: " + text, e);
        }
    }
}

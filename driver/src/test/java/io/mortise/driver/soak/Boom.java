package io.mortise.driver.soak;

/** A function of the user's that throws, with a number that says what. For H2, which calls it by its name. */
public final class Boom {
    static final String OWN = "a function's own";

    private Boom() {}

    /** What the statements of {@link Clients#failing} call. */
    @SuppressWarnings("InfiniteRecursion")
    public static String boom(int kind) {
        return switch (kind) {
            case 0 -> "fine";
            case 1 -> throw new IllegalStateException(OWN + " exception");
            case 2 -> throw new OutOfMemoryError(OWN + " Error");
            default -> boom(kind);
        };
    }
}

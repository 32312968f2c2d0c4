package io.mortise.engine.lock;

/** What a lock lets its owner do. Declared weakest first; IS and IX announce locks further down. */
public enum LockMode {
    //   granted to others:
    //   IS IX S SIX X
    IS(" +  +  +  +  -"),
    IX(" +  +  -  -  -"),
    S("  +  -  +  -  -"),
    SIX("+  -  -  -  -"),
    X("  -  -  -  -  -");

    private static final LockMode[] WEAKEST_FIRST = values();
    private final int tolerated; // bit i is set if others may hold mode i

    LockMode(String row) {
        String cells = row.replace(" ", "");
        int bits = 0;
        for (int i = 0; i < cells.length(); i++) {
            bits |= cells.charAt(i) == '+' ? 1 << i : 0;
        }
        tolerated = bits;
    }

    /** Can this mode be granted while another owner holds {@code held}? */
    public boolean compatibleWith(LockMode held) {
        return (tolerated & 1 << held.ordinal()) != 0;
    }

    /** The same of several modes, each of which is the bit of its place. */
    boolean compatibleWithAll(int held) {
        return (held & ~tolerated) == 0;
    }

    /** Does holding this mode make {@code other} redundant? A stronger mode tolerates less. */
    public boolean covers(LockMode other) {
        return (tolerated & ~other.tolerated) == 0;
    }

    /** The weakest mode covering both: what an owner of this mode converts to when it wants more. */
    public LockMode join(LockMode wanted) {
        for (LockMode mode : WEAKEST_FIRST) {
            if (mode.covers(this) && mode.covers(wanted)) {
                return mode;
            }
        }
        throw new AssertionError("X covers every mode");
    }

    /** Is this a lock on children only, to be announced here? */
    public boolean isIntention() {
        return this == IS || this == IX;
    }

    /** Can two owners hold it at once, reading what they lock? */
    public boolean isShared() {
        return this == IS || this == S;
    }

    /** The intention that a lock of this mode announces on the parents of its target. */
    public LockMode intention() {
        return isShared() ? IS : IX;
    }
}

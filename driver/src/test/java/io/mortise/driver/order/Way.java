package io.mortise.driver.order;

/** How the database keeps its promise of SERIALIZABLE: what it is opened with. */
enum Way {
    SNAPSHOT(""),
    /** So few notes that most stand for a whole table. */
    COARSE(";SERIALIZABLE_TRANSACTION_NOTES=2;SERIALIZABLE_KEPT=1"),
    LOCKS(";SERIALIZABLE_BY=LOCKS"),
    KOGNITIO(";LOCK_POLICY=kognitio");

    private final String settings;

    Way(String settings) {
        this.settings = settings;
    }

    String settings() {
        return settings;
    }
}

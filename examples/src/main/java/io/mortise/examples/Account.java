package io.mortise.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** An account of the bank. Immutable. */
record Account(int id, String owner, String branch, BigDecimal balance) {
    private static final String FILE = "accounts.csv";

    /** Those of {@code accounts.csv}, which is shipped beside this class. */
    static List<Account> shipped() {
        InputStream file = Objects.requireNonNull(Account.class.getResourceAsStream(FILE), FILE);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
            return lines.lines().skip(1).map(Account::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Account parse(String line) {
        String[] fields = line.split(",");
        return new Account(Integer.parseInt(fields[0]), fields[1], fields[2], new BigDecimal(fields[3]));
    }
}

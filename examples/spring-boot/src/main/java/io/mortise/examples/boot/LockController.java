package io.mortise.examples.boot;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Who waits for whom. Asking takes no lock, so it answers however bad things are, as long as the pool has a connection.
 */
@RestController
class LockController {
    private static final String TREE =
            "SELECT DEPTH, SESSION, USER_NAME, STATE, WAITS_FOR, WAITED_MS, SQL_TEXT FROM SYS.BLOCKING_TREE";

    private final JdbcTemplate database;

    LockController(JdbcTemplate database) {
        this.database = database;
    }

    @GetMapping("/locks")
    List<BlockedTree> locks() {
        return BlockedTree.of(database.query(TREE, (row, number) -> row(row)));
    }

    private static BlockedTree.Row row(ResultSet row) throws SQLException {
        return new BlockedTree.Row(
                row.getInt("DEPTH"),
                new BlockedTree(
                        row.getInt("SESSION"),
                        row.getString("USER_NAME"),
                        row.getString("STATE"),
                        Optional.ofNullable(row.getString("WAITS_FOR")),
                        Optional.ofNullable(row.getObject("WAITED_MS", Long.class)),
                        Optional.ofNullable(row.getString("SQL_TEXT")),
                        new ArrayList<>()));
    }
}

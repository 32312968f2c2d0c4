package io.mortise.driver.integrity;

import java.util.List;

/** Kinds of foreign keys: the tables, with two parents and a child of the second, and what is done to both sides. */
enum Reference {
    PRIMARY_KEY(
            List.of(
                    "CREATE TABLE PARENT(ID INT PRIMARY KEY, NOTE INT)",
                    "CREATE TABLE CHILD(ID INT PRIMARY KEY, P INT DEFAULT 2 REFERENCES PARENT %s)"),
            List.of("INSERT INTO PARENT VALUES (1, 0), (2, 0)", "INSERT INTO CHILD VALUES (10, 2)"),
            List.of("INSERT INTO CHILD VALUES (1, 1)", "UPDATE CHILD SET P = 1 WHERE ID = 10"),
            List.of("DELETE FROM PARENT WHERE ID = 1", "UPDATE PARENT SET ID = 9 WHERE ID = 1"),
            "UPDATE PARENT SET NOTE = NOTE + 1 WHERE ID = 1"),
    UNIQUE_KEY(
            List.of(
                    "CREATE TABLE PARENT(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE, NOTE INT)",
                    "CREATE TABLE CHILD(ID INT PRIMARY KEY, P VARCHAR(9) DEFAULT 'two' REFERENCES PARENT(NAME) %s)"),
            List.of("INSERT INTO PARENT VALUES (1, 'one', 0), (2, 'two', 0)", "INSERT INTO CHILD VALUES (10, 'two')"),
            List.of("INSERT INTO CHILD VALUES (1, 'one')", "UPDATE CHILD SET P = 'one' WHERE ID = 10"),
            List.of("DELETE FROM PARENT WHERE ID = 1", "UPDATE PARENT SET NAME = 'nine' WHERE ID = 1"),
            "UPDATE PARENT SET NOTE = NOTE + 1 WHERE ID = 1"),
    COMPOSITE(
            List.of(
                    "CREATE TABLE PARENT(A INT, B INT, NOTE INT, PRIMARY KEY(A, B))",
                    "CREATE TABLE CHILD(ID INT PRIMARY KEY, B INT DEFAULT 2, A INT DEFAULT 1,"
                            + " FOREIGN KEY(A, B) REFERENCES PARENT(A, B) %s)"),
            List.of("INSERT INTO PARENT VALUES (1, 1, 0), (1, 2, 0)", "INSERT INTO CHILD VALUES (10, 2, 1)"),
            List.of("INSERT INTO CHILD VALUES (1, 1, 1)", "UPDATE CHILD SET B = 1 WHERE ID = 10"),
            List.of("DELETE FROM PARENT WHERE A = 1 AND B = 1", "UPDATE PARENT SET B = 9 WHERE A = 1 AND B = 1"),
            "UPDATE PARENT SET NOTE = NOTE + 1 WHERE A = 1 AND B = 1"),
    SELF(
            List.of(
                    "CREATE TABLE PARENT(ID INT PRIMARY KEY, P INT DEFAULT 2 REFERENCES PARENT %s, NOTE INT)",
                    "CREATE VIEW CHILD AS SELECT ID, P FROM PARENT"),
            List.of("INSERT INTO PARENT VALUES (2, 2, 0), (1, 2, 0), (10, 2, 0)"),
            List.of("INSERT INTO PARENT VALUES (11, 1, 0)", "UPDATE PARENT SET P = 1 WHERE ID = 10"),
            List.of("DELETE FROM PARENT WHERE ID = 1", "UPDATE PARENT SET ID = 9 WHERE ID = 1"),
            "UPDATE PARENT SET NOTE = NOTE + 1 WHERE ID = 1");

    private final List<String> tables;
    private final List<String> rows;
    final List<String> childStatements;
    /** They remove a parent, or its key. */
    final List<String> parentStatements;
    /** It leaves the parent's key alone. */
    final String unrelated;

    Reference(
            List<String> tables,
            List<String> rows,
            List<String> childStatements,
            List<String> parentStatements,
            String unrelated) {
        this.tables = tables;
        this.rows = rows;
        this.childStatements = childStatements;
        this.parentStatements = parentStatements;
        this.unrelated = unrelated;
    }

    /** Makes the tables, whose foreign key does this when the parent goes. */
    void create(Cast cast, String action) {
        cast.aside((this == SELF ? "DROP VIEW" : "DROP TABLE") + " IF EXISTS CHILD");
        cast.aside("DROP TABLE IF EXISTS PARENT");
        tables.forEach(table -> cast.aside(table.formatted("ON DELETE " + action + " ON UPDATE " + action)));
    }

    /** Has the rows in the tables that there are at the beginning, and no others. */
    void fill(Cast cast) {
        if (this != SELF) {
            cast.aside("DELETE FROM CHILD");
        }
        cast.aside("DELETE FROM PARENT");
        rows.forEach(cast::aside);
    }

    /** All there is in the tables. */
    List<String> content(Cast cast) {
        return List.of(
                cast.aside("SELECT * FROM PARENT ORDER BY 1, 2").toString(),
                cast.aside("SELECT * FROM CHILD ORDER BY 1, 2").toString());
    }
}

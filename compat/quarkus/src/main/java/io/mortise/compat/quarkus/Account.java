package io.mortise.compat.quarkus;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** Has money. */
@Entity
public class Account {
    @Id
    Integer id = 0;

    int balance;
}

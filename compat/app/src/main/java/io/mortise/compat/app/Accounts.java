package io.mortise.compat.app;

import jakarta.persistence.LockModeType;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;

/** Spring Data makes the class. */
public interface Accounts extends JpaRepository<Account, Long> {
    Optional<Account> findByOwner(String owner);

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select a from Account a where a.owner = ?1")
    Optional<Account> lockByOwner(String owner);
}

package io.mortise.compat.app;

import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Accounts over HTTP, and who holds locks. */
@RestController
public class AccountController {
    private final Accounts accounts;
    private final JdbcTemplate jdbc;

    public AccountController(Accounts accounts, JdbcTemplate jdbc) {
        this.accounts = accounts;
        this.jdbc = jdbc;
    }

    @PostMapping("/accounts/{owner}/{balance}")
    public long open(@PathVariable("owner") String owner, @PathVariable("balance") int balance) {
        return accounts.save(new Account(owner, balance)).getId();
    }

    @GetMapping("/accounts/{owner}")
    public int balance(@PathVariable("owner") String owner) {
        return accounts.findByOwner(owner).orElseThrow().getBalance();
    }

    /** In a transaction that has changed a row: the locks that this is seen to hold. */
    @PostMapping("/accounts/{owner}/locked")
    @Transactional
    public List<Map<String, Object>> locked(@PathVariable("owner") String owner) {
        Account account = accounts.lockByOwner(owner).orElseThrow();
        account.add(1);
        accounts.flush();
        return jdbc.queryForList(
                "SELECT TABLE_NAME, ROW_KEY, STATUS FROM SYS.LOCKS WHERE TARGET_KIND = 'ROW' AND TABLE_NAME = 'ACCOUNT'");
    }
}

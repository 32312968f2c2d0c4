package io.mortise.examples.boot;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The bank. */
@SpringBootApplication
public class BankApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(BankApplication.class, arguments);
    }
}

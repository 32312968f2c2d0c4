package io.mortise.watch.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.mortise.watch.read.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What a request is answered. Immutable: nobody changes the bytes. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Reply(int status, String type, byte[] body) {
    /** To the JDK's server, which takes 0 for a length that nobody knows. */
    private static final long NO_BODY = -1;

    private static final int PIECE = 1 << 16;

    /** Nothing from elsewhere, nothing inline, in no frame. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    static Reply json(int status, Map<String, ?> value) {
        return new Reply(status, "application/json", Json.of(value).getBytes(StandardCharsets.UTF_8));
    }

    static Reply error(int status, String message) {
        return json(status, Map.of("error", message));
    }

    /** Each piece has its time: who reads slowly gets all of it, who does not read holds no thread for long. */
    void send(HttpExchange exchange) throws IOException {
        Workers.allow(Workers.WRITING_MILLIS);
        headers(exchange, type);
        boolean hasBody = body.length > 0
                && !exchange.getRequestMethod().equals("HEAD"); // Which the JDK would complain of in the log.
        exchange.sendResponseHeaders(status, hasBody ? body.length : NO_BODY);
        if (hasBody) {
            try (OutputStream out = exchange.getResponseBody()) {
                for (int at = 0; at < body.length; at += PIECE) {
                    Workers.allow(Workers.WRITING_MILLIS);
                    out.write(body, at, Math.min(PIECE, body.length - at));
                }
            }
        }
    }

    static void headers(HttpExchange exchange, String type) {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }
}

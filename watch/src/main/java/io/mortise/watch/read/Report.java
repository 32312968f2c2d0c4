package io.mortise.watch.read;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;

/**
 * The page as one file, with what it shows inside: opens from disk, loads nothing, and can be attached to a bug report.
 * Stateless. Only the scripts that were put in run: their hashes stand in the policy.
 */
public final class Report {
    private static final String FOLDER = "/io/mortise/watch/page/";
    /** The scripts, in the order in which they build on each other. */
    public static final List<String> SCRIPTS =
            List.of("base.js", "graph.js", "lanes.js", "views.js", "details.js", "app.js");

    private Report() {}

    public static String of(Reading reading) throws SQLException {
        String data = Json.of(reading.everything());
        String style = text("watch.css");
        StringBuilder script = new StringBuilder();
        SCRIPTS.forEach(name -> script.append(text(name)));
        String policy = "default-src 'none'; img-src data:; style-src 'sha256-" + hash(style) + "'; script-src 'sha256-"
                + hash(script.toString()) + "'";
        String page = text("index.html");
        String head = page.substring(0, page.indexOf("<!-- assets -->"));
        String body = page.substring(page.indexOf("<!-- end of assets -->"));
        return head
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">\n"
                + "<style>" + style + "</style>\n"
                + body.replace(
                        "<!-- data -->",
                        "<script type=\"application/json\" id=\"report\">" + data + "</script>\n<script>" + script
                                + "</script>");
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static String text(String name) {
        try (InputStream in = Report.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing in this jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

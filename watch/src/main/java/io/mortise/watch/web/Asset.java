package io.mortise.watch.web;

import io.mortise.watch.read.Report;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** A file of the page, as it lies in the jar. Immutable. */
record Asset(String name, String type) {
    static final Asset INDEX = new Asset("index.html", "text/html; charset=utf-8");
    static final Asset STYLE = new Asset("watch.css", "text/css; charset=utf-8");

    static final List<Asset> SCRIPTS = Report.SCRIPTS.stream()
            .map(name -> new Asset(name, "text/javascript; charset=utf-8"))
            .toList();

    static final Asset ICON = new Asset("icon.svg", "image/svg+xml");

    byte[] bytes() {
        try (InputStream in = Asset.class.getResourceAsStream("/io/mortise/watch/page/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing in this jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

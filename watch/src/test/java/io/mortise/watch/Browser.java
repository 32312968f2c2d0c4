package io.mortise.watch;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * Chromium without a window. Where the machine has none the tests say so and are skipped, unless
 * {@code WATCH_BROWSER=required} stands in the environment. It is told of changes by the page itself, so no test looks
 * again and again.
 */
final class Browser implements AutoCloseable {
    /** A name that this browser takes for this machine. */
    static final String POINTED_HERE = "shop.example";

    private static final String CHANGED = """
            const done = arguments[arguments.length - 1];
            const test = () => { try { return (%s); } catch (none) { return false; } };
            if (test()) { done(true); } else {
              const watcher = new MutationObserver(() => { if (test()) { watcher.disconnect(); done(true); } });
              watcher.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
            }
            """;

    private final ChromeDriverService service;
    private final ChromeDriver driver;

    private Browser(File chromium, File chromedriver) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--host-resolver-rules=MAP " + POINTED_HERE + " 127.0.0.1");
        options.setAcceptInsecureCerts(true); // Of a test, which nobody has signed.
        LoggingPreferences logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, java.util.logging.Level.ALL);
        options.setCapability("goog:loggingPrefs", logging);
        service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver)
                .usingAnyFreePort()
                .build();
        driver = new ChromeDriver(service, options);
        driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
        size(1400, 900);
        theme("light");
    }

    static Browser start() {
        File chromium = new File("/usr/bin/chromium");
        File chromedriver = new File("/usr/bin/chromedriver");
        if (!chromium.exists() || !chromedriver.exists()) {
            String missing = "There is no Chromium here: apt-get install chromium chromium-driver";
            return "required".equals(System.getenv("WATCH_BROWSER")) ? fail(missing) : abort(missing);
        }
        return new Browser(chromium, chromedriver);
    }

    void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Nothing glides: what is pictured is at rest. */
    void theme(String name) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", name),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    void mayCopy(String origin) {
        driver.executeCdpCommand(
                "Browser.grantPermissions",
                Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite"), "origin", origin));
    }

    void open(String url) {
        driver.get(url);
    }

    void logIn(String user, String password) {
        awaits("!document.getElementById('login').hidden");
        find("#user").sendKeys(user);
        find("#password").sendKeys(password, Keys.ENTER);
    }

    /** Opens the page and logs in; returns when the first moment is there. */
    void enter(String url, String user, String password) {
        open(url);
        logIn(user, password);
        awaits("document.getElementById('pulse').textContent !== ''");
    }

    WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    void click(String selector) {
        script("document.querySelector(arguments[0]).click()", selector);
    }

    String text(String selector) {
        return String.valueOf(script("return document.querySelector(arguments[0]).textContent", selector));
    }

    Object script(String script, Object... arguments) {
        return String.valueOf(driver.executeScript(script, arguments));
    }

    Object answer(String async) {
        return String.valueOf(driver.executeAsyncScript(async));
    }

    /** Returns once this expression of the page's is true; fails after a minute. */
    void awaits(String expression) {
        driver.executeAsyncScript(CHANGED.formatted(expression));
    }

    /** Loads nothing from addresses like these. */
    void block(String... addresses) {
        driver.executeCdpCommand("Network.enable", Map.of());
        driver.executeCdpCommand("Network.setBlockedURLs", Map.of("urls", List.of(addresses)));
    }

    /** As if the cable had been pulled. */
    void withoutNetwork(Runnable look) {
        driver.executeCdpCommand("Network.enable", Map.of());
        network("offline", true);
        try {
            look.run();
        } finally {
            network("offline", false);
        }
    }

    private void network(String name, Object value) {
        driver.executeCdpCommand(
                "Network.emulateNetworkConditions",
                Map.of(name, value, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
    }

    /** Processor time so far, in seconds: "TaskDuration", "ScriptDuration" or "LayoutDuration". */
    double spent(String metric) {
        driver.executeCdpCommand("Performance.enable", Map.of("timeDomain", "threadTicks"));
        Object all =
                driver.executeCdpCommand("Performance.getMetrics", Map.of()).get("metrics");
        for (Object one : (List<?>) java.util.Objects.requireNonNull(all)) {
            if (one instanceof Map<?, ?> is
                    && metric.equals(is.get("name"))
                    && is.get("value") instanceof Number value) {
                return value.doubleValue();
            }
        }
        throw new IllegalArgumentException(metric);
    }

    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /**
     * What the browser complains about, scripts that were not let in among others, but for connections that were
     * closed.
     */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(entry -> entry.getMessage())
                .filter(message -> !message.contains("Failed to load resource"))
                .toList();
    }

    /** Keeps a picture, if {@code -Dwatch.pictures} names a folder. */
    void picture(String name) throws IOException {
        String folder = System.getProperty("watch.pictures");
        if (folder != null) {
            Files.write(Path.of(folder).resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        }
    }

    @Override
    public void close() {
        try {
            driver.quit();
        } finally {
            service.stop();
        }
    }
}

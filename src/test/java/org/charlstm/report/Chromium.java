package org.charlstm.report;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A browser that nobody looks at. */
public final class Chromium {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    private Chromium() {
    }

    /**
     * What opening a page gave.
     *
     * @param console the lines about the console, errors and violations of the page's policy among them
     * @param page    the page as it was understood
     */
    record Opened(List<String> console, String page) {
    }

    /** The browser's program; without one the test is skipped and says so. */
    public static Path program() {
        Optional<Path> browser = NAMES.stream().flatMap(name -> Stream.of(System.getenv("PATH")
                .split(File.pathSeparator)).map(part -> Path.of(part, name))).filter(Files::isExecutable).findFirst();
        assumeTrue(browser.isPresent(), "no browser of the names " + NAMES + " is installed");
        return browser.orElseThrow();
    }

    /** Opens a page; without a browser the test is skipped and says so. */
    static Opened open(Path page, Path folder) throws IOException, InterruptedException {
        Path browser = program();
        Path out = folder.resolve("dom.html");
        Path err = folder.resolve("log");
        Process process = new ProcessBuilder(browser.toString(), "--headless", "--no-sandbox",
                "--disable-gpu", "--enable-logging=stderr", "--dump-dom",
                "--user-data-dir=" + folder.resolve("browser"), page.toUri().toString())
                .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the browser does not end");
        } finally {
            process.destroyForcibly();
        }
        String dom = Files.readString(out);
        assumeTrue(dom.contains("</html>"), () -> browser + " does not run here");
        return new Opened(Files.readString(err).lines().filter(line -> line.contains("CONSOLE")).toList(), dom);
    }
}

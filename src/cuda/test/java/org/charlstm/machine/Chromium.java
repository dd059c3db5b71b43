package org.charlstm.machine;

import module java.base;

/** A browser that nobody looks at. */
public final class Chromium {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final int SECONDS = 600;
    private static Optional<Path> program;

    private Chromium() {
    }

    /**
     * The result of opening a page.
     *
     * @param console the lines about the console, errors and violations of the page's policy among them
     * @param page    the page as it was understood
     */
    public record Opened(List<String> console, String page) {
    }

    /** One that runs here. */
    public static synchronized Optional<Path> program() {
        if (program == null) {
            program = NAMES.stream().flatMap(name -> Installed.first(name).stream()).filter(Chromium::runs).findFirst();
        }
        return program;
    }

    private static boolean runs(Path browser) {
        try {
            Path folder = Files.createTempDirectory("charlstm-browser");
            try {
                return opened(browser, "about:blank", folder).page.contains("</html>");
            } finally {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a page. */
    public static Opened open(Path page, Path folder) throws IOException {
        return opened(program().orElseThrow(), page.toUri().toString(), folder);
    }

    private static Opened opened(Path browser, String page, Path folder) throws IOException {
        Path out = folder.resolve("dom.html");
        Path err = folder.resolve("log");
        Process process = new ProcessBuilder(browser.toString(), "--headless", "--no-sandbox", "--disable-gpu",
                "--enable-logging=stderr", "--dump-dom", "--user-data-dir=" + folder.resolve("browser"), page)
                .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            process.onExit().get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IOException(browser + " does not end", e);
        } finally {
            process.destroyForcibly();
        }
        return new Opened(Files.readString(err).lines().filter(line -> line.contains("CONSOLE")).toList(),
                Files.readString(out));
    }
}

package org.charlstm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;

/** A shell into which what the tool shows is pasted. */
public final class Bash {
    private Bash() {
    }

    /** Where it is, by a path that a script's first line can have: none that leads through a folder with a space. */
    public static Path file() {
        try {
            return Installed.named("bash").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a line, which must succeed; its output. */
    public static String run(Path folder, String line) {
        try {
            Process process =
                    new ProcessBuilder(Installed.named("bash").toString(), "-c", line).directory(folder.toFile())
                            .redirectErrorStream(true).start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), () -> line + " printed " + printed);
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The words that it makes of a line. */
    public static List<String> words(String line) {
        return List.of(run(Path.of("").toAbsolutePath(), "printf '%s\\0' " + line).split("\0"));
    }
}

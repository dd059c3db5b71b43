package org.charlstm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;

/** Runs the tests' own Python programs by a Python that has what they need. */
public final class Python {
    /** Debian's own, whose packages these are, goes before others. */
    private static final Path OF_DEBIAN = Path.of("/usr/bin/python3");

    /** To import PyTorch takes seconds. */
    private static final Map<String, Optional<Path>> HAVING = new ConcurrentHashMap<>();

    private Python() {
    }

    /** Runs a program that imports a module; its output. */
    public static String output(String module, String program, Object... arguments)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Stream.concat(Stream.of(having(module).orElseThrow().toString(),
                Path.of("src", "charlstm", "test", "python", program).toString()),
                Arrays.stream(arguments).map(Object::toString))
                .toList()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), program);
        return output;
    }

    /** The Python that has a module. */
    public static Optional<Path> having(String module) {
        return HAVING.computeIfAbsent(module, Python::found);
    }

    private static Optional<Path> found(String module) {
        List<Path> all = Installed.all("python3");
        return Stream.concat(Stream.of(OF_DEBIAN).filter(all::contains), all.stream())
                .filter(python -> Installed.output(python.toString(), "-c", "import " + module).isPresent())
                .findFirst();
    }
}

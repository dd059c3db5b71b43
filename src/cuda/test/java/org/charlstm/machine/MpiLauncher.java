package org.charlstm.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

/** The system's own launchers of MPI. */
@SuppressWarnings("ImmutableEnumChecker") // Its lists are made by List.of.
public enum MpiLauncher {
    /** Open MPI's, which refuses root, and more ranks than cores, unless it is told. */
    OPEN("Open MPI", List.of("mpirun.openmpi", "mpirun"), List.of("--allow-run-as-root", "--oversubscribe")),
    /** MPICH's. */
    MPICH("HYDRA", List.of("mpiexec.mpich", "mpiexec.hydra", "mpiexec"), List.of());

    /** A whole job is to be over long before. */
    private static final int SECONDS = 600;

    private final List<String> options;
    private final Optional<Path> program;

    /** By its names, and a word that its version has. */
    MpiLauncher(String word, List<String> names, List<String> options) {
        this.options = options;
        program = names.stream().flatMap(name -> Installed.first(name).stream()).filter(each -> Installed
                .output(each.toString(), "--version").filter(said -> said.contains(word)).isPresent()).findFirst();
    }

    boolean isHere() {
        return program.isPresent();
    }

    /** The result of a job: its exit code, and the lines of all ranks. */
    public record Job(int code, List<String> out, String err) {
        /** Whether Open MPI has lost its own daemon on another host, which ends all ranks whatever they do. */
        public boolean lostItsDaemon() {
            return err.contains("PRTE has lost communication with a remote daemon");
        }
    }

    /** A JVM that starts fast, with the classes of the tests; the class and its arguments follow. */
    public static List<String> java(int megabytes) {
        return java(megabytes, QuickStart.flags(), QuickStart.withTests());
    }

    /** The same of the tool from its jar. */
    public static List<String> tool(int megabytes) {
        return java(megabytes, QuickStart.flags(), QuickStart.JAR.toString());
    }

    private static List<String> java(int megabytes, List<String> flags, String classPath) {
        return Stream.of(List.of(QuickStart.java(), "-Xmx" + megabytes + "m",
                "--enable-native-access=ALL-UNNAMED"), flags, List.of("-cp", classPath)).flatMap(List::stream).toList();
    }

    /** Starts ranks of a program, whose output goes to {@code out} and {@code err} in a folder. */
    public Process start(Path folder, int ranks, List<String> program) throws IOException {
        List<String> line = new ArrayList<>(launcher());
        line.addAll(List.of("-n", String.valueOf(ranks)));
        line.addAll(program);
        ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        // Its messages between processes of one host need no network.
        builder.environment().put("OMPI_MCA_btl", "^tcp");
        return builder.start();
    }

    /** Waits for its end. */
    public static Job end(Process process, Path folder) throws IOException, InterruptedException {
        try {
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "it does not end: " + read(folder, "err"));
        } finally {
            process.destroyForcibly();
        }
        return new Job(process.exitValue(), Files.readAllLines(folder.resolve("out")), read(folder, "err"));
    }

    /** Has ranks of a program run to their end. */
    public Job run(Path folder, int ranks, List<String> program) throws IOException, InterruptedException {
        return end(start(folder, ranks, program), folder);
    }

    private static String read(Path folder, String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            return e.toString();
        }
    }

    List<String> launcher() {
        List<String> line = new ArrayList<>(List.of(program.orElseThrow().toString()));
        line.addAll(options);
        return line;
    }
}

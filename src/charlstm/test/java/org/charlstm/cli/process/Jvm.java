package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tool;
import org.charlstm.machine.QuickStart;

/** The tool in a JVM of its own, as a user starts it: from its jar, unless a class path is named. */
public final class Jvm implements AutoCloseable {
    /** The flags that the fast path on a processor needs, and flags for a quick start. */
    public static final List<String> VECTORS =
            List.of("-XX:TieredStopAtLevel=1", "--add-modules", "jdk.incubator.vector");

    /** Without them it finds no class in a folder whose name is not ASCII. */
    private static final Set<String> LOCALE = Set.of("LC_ALL", "LC_CTYPE", "LANG");

    private final Process process;
    private final Path err;

    /** Starts it in a folder, with standard error beside its other files. */
    public Jvm(Path folder, Object... arguments) throws IOException {
        this(folder, null, arguments);
    }

    /** Starts it in a folder with an environment of its own, in this process's locale; null for this process's. */
    public Jvm(Path folder, Map<String, String> environment, Object... arguments) throws IOException {
        this(folder, environment, QuickStart.flags(), QuickStart.JAR.toString(), List.of(arguments));
    }

    /** Starts it with flags and a class path of its own. */
    public Jvm(Path folder, Map<String, String> environment, List<String> flags, String classPath, List<?> arguments)
            throws IOException {
        err = folder.resolve("standard-error");
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED"));
        line.addAll(flags);
        line.addAll(List.of("-cp", classPath, Main.class.getName()));
        arguments.forEach(argument -> line.add(argument.toString()));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(folder.toFile()).redirectError(err.toFile());
        if (environment != null) {
            builder.environment().keySet().retainAll(LOCALE);
            builder.environment().putAll(environment);
        }
        process = builder.start();
    }

    /** Runs it in a folder to its end. */
    public static Tool run(Path folder, Object... arguments) throws IOException, InterruptedException {
        return run(folder, null, arguments);
    }

    /** The same with an environment of its own. */
    public static Tool run(Path folder, Map<String, String> environment, Object... arguments)
            throws IOException, InterruptedException {
        return run(folder, environment, QuickStart.flags(), QuickStart.JAR.toString(), arguments);
    }

    /** The same with flags and a class path of its own. */
    public static Tool run(Path folder, Map<String, String> environment, List<String> flags, String classPath,
            Object... arguments) throws IOException, InterruptedException {
        try (Jvm jvm = new Jvm(folder, environment, flags, classPath, List.of(arguments))) {
            String out = new String(jvm.process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Tool(jvm.process.waitFor(), out, String.join("\n", jvm.errors()));
        }
    }

    /**
     * Runs several command lines one after another in one process, which has this environment alone; each result is
     * that of a process of its own, but for what the JVM and the libraries have kept.
     */
    public static List<Tool> runAll(Path folder, Map<String, String> environment, String classPath,
            List<Object[]> lines)
            throws IOException, InterruptedException {
        Path results = folder.resolve("results.json");
        List<String> words = new ArrayList<>(List.of(results.toString()));
        for (Object[] line : lines) {
            words.add(String.valueOf(line.length));
            Stream.of(line).forEach(word -> words.add(word.toString()));
        }
        Path err = folder.resolve("standard-error");
        ProcessBuilder builder = new ProcessBuilder(Stream.of(List.of(QuickStart.java(),
                "--enable-native-access=ALL-UNNAMED"), QuickStart.flags(),
                List.of("-cp", classPath, Lines.class.getName()), words)
                .flatMap(List::stream).toList()).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(err.toFile());
        builder.environment().keySet().retainAll(LOCALE);
        builder.environment().putAll(environment);
        assertEquals(0, builder.start().waitFor(), () -> read(err));
        return List.of(new Gson().fromJson(Files.readString(results), Tool[].class));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The process of several command lines: a file for the results, then each line, its number of words first. */
    static final class Lines {
        private Lines() {
        }

        public static void main(String[] words) throws IOException {
            Locale.setDefault(Locale.ROOT);
            List<Tool> tools = new ArrayList<>();
            for (int i = 1; i < words.length;) {
                int count = Integer.parseInt(words[i]);
                tools.add(Tool.run((Object[]) Arrays.copyOfRange(words, i + 1, i + 1 + count)));
                i += 1 + count;
            }
            Files.writeString(Path.of(words[0]), new Gson().toJson(tools));
        }
    }

    public Process process() {
        return process;
    }

    /** Its standard error, without the notices of the JVM and of the simulated GPU. */
    public List<String> errors() throws IOException {
        return Files.readString(err, StandardCharsets.UTF_8).lines()
                .filter(line -> !line.equals("WARNING: Using incubator modules: jdk.incubator.vector")
                        && !line.startsWith("charlstm sim: "))
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

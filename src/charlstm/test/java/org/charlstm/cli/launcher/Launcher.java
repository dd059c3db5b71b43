package org.charlstm.cli.launcher;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Installed;

/**
 * The launcher in a house of its own: a jar that is none, JDKs that only note how they are called, and no other program
 * than those it needs. Folders outside of the house where the launcher looks for JDKs are taken from its list, so that
 * what is installed on the machine makes no difference.
 */
final class Launcher {
    /** The modules of a JDK that is good enough. */
    static final String MODULES = "java.base jdk.incubator.vector jdk.compiler";

    /** The files that a build of Maven leaves. */
    static final String BUILDS =
            "for option; do case $option in -Dbuild.folder=*) build=${option#*=} ;; esac; done; "
                    + "mkdir -p \"$build/lib\"; printf new >\"$build/charlstm.jar\"; printf new >\"$build/lib/a.jar\"";

    private static final List<String> TOOLS = List.of("bash", "dirname", "readlink", "find", "stty", "mktemp", "grep",
            "rm", "mv", "mkdir", "cp", "flock", "sed", "sleep");
    private static final String STUB = """
            #!%s
            printf '%%s\\0' "$0" "$@" >"$RECORD/arguments"
            printf '%%s' "${LC_ALL-unset}" >"$RECORD/locale"
            printf '%%s' "${CUBLAS_WORKSPACE_CONFIG-unset}" >"$RECORD/workspace"
            printf '%%s' "$$" >"$RECORD/process"
            for argument; do
              case "$*|$argument" in
                *'|-XX:DumpLoadedClassList='*) printf list >"${argument#*=}" ;;
                *'-Xshare:dump '*'|-XX:SharedArchiveFile='*) printf classes >"${argument#*=}" ;;
              esac
            done
            case " $* " in
              *' -jar '*' hang '*) while [ ! -e "$RECORD/go" ]; do sleep 0.05; done ;;
            esac
            printf '%%s' "${STDERR:-}" >&2
            printf '%%s' "${STDOUT:-}"
            exit "${CODE:-0}"
            """;

    /**
     * The result of a run.
     *
     * @param code      the exit code
     * @param out       standard output
     * @param err       standard error
     * @param arguments how Java was called, its own path first; empty if it was not
     * @param locale    its LC_ALL, or {@code unset}
     * @param workspace its CUBLAS_WORKSPACE_CONFIG, or {@code unset}
     * @param inPlace   whether Java took the launcher's place, and with it the signals meant for it
     */
    record Result(int code, String out, String err, List<String> arguments, String locale, String workspace,
            boolean inPlace) {
        /** Which of the JDKs ran, by the name of its folder. */
        String jdk() {
            return Path.of(arguments.getFirst()).getParent().getParent().getFileName().toString();
        }

        /** The program's arguments. */
        List<String> programArguments() {
            return arguments.subList(arguments.indexOf("-jar") + 2, arguments.size());
        }
    }

    private final Path folder;
    private final Path bash;
    private final Path bin;
    private final Path record;
    private final Path script;
    private final Map<String, String> environment = new TreeMap<>();
    /** A command of the shell before the launcher. */
    private String before = "";

    Launcher(Path root) throws IOException {
        folder = root.toRealPath();
        bin = Files.createDirectory(folder.resolve("bin"));
        record = Files.createDirectory(folder.resolve("record"));
        bash = Bash.file();
        for (String tool : TOOLS) {
            executable(bin.resolve(tool), "#!" + bash + "\nexec '" + Installed.named(tool) + "' \"$@\"\n");
        }
        Path house = Files.createDirectory(folder.resolve("a house"));
        script = house.resolve("charlstm");
        String text = Files.readString(Path.of("charlstm"));
        String alone = text.replaceAll("(?s)    /usr/lib/jvm/\\*.*?; do\n", "    \"\\${HOME:-}\"/.jdks/*; do\n");
        assertNotEquals(text, alone, "the launcher's list of folders has changed its form");
        executable(script, alone);
        sources(house);
        Files.createDirectory(house.resolve("target"));
        Files.createDirectory(folder.resolve("home"));
        Files.createDirectory(folder.resolve("temporary"));
        environment.putAll(Map.of("PATH", bin.toString(), "HOME", folder.resolve("home").toString(), "RECORD",
                record.toString(), "TMPDIR", folder.resolve("temporary").toString(), "CHARLSTM_TOOLKITS",
                folder.resolve("toolkits").toString()));
        built();
    }

    private static void executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertTrue(file.toFile().setExecutable(true));
    }

    Path script() {
        return script;
    }

    /** Where it builds. */
    Path target() {
        return script.resolveSibling("target");
    }

    /** The jar of the last build, which it runs. */
    Path jar() throws IOException {
        return target().resolve(Files.readString(target().resolve("run")).strip()).resolve("charlstm.jar");
    }

    /** The folders of all builds. */
    List<String> builds() throws IOException {
        try (Stream<Path> files = Files.list(target())) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("run-")).sorted()
                    .toList();
        }
    }

    /** The folder of files that the stand-ins write, and look for. */
    Path record() {
        return record;
    }

    /** The files left in the temporary folder: the log of the build that failed, if there is one. */
    List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("temporary"))) {
            return files.toList();
        }
    }

    /** The archive of classes that a build leaves. */
    Path classes() throws IOException {
        return jar().resolveSibling("charlstm.jsa");
    }

    /** The file that says when a build last ended well. */
    Path stamp() throws IOException {
        return jar().resolveSibling("built");
    }

    /** Makes the last build newer than all sources. */
    private void built() throws IOException {
        Path build = Files.createDirectories(target().resolve("run-1").resolve("lib"));
        Files.writeString(target().resolve("run"), "run-1\n");
        Files.writeString(jar(), "old");
        Files.writeString(build.resolve("a.jar"), "old");
        Files.writeString(stamp(), "");
        Files.setLastModifiedTime(stamp(), FileTime.from(Instant.now().plusSeconds(3600)));
    }

    /** A folder with the sources that a build has, none of them with content. */
    static void sources(Path house) throws IOException {
        Files.createDirectories(house.resolve("kernels"));
        for (String module : List.of("src/cuda", "native", "src/kernels", "src/charlstm")) {
            Files.createDirectories(house.resolve(module).resolve("main"));
            Files.createFile(house.resolve(module).resolve("pom.xml"));
        }
        Files.createFile(house.resolve("pom.xml"));
    }

    /** Makes a source newer than the last build. */
    void touch(String source) throws IOException {
        Path file = script.resolveSibling(source);
        if (!Files.exists(file)) {
            Files.writeString(file, "");
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(7200)));
    }

    Launcher with(String variable, Object value) {
        environment.put(variable, value.toString());
        return this;
    }

    Launcher without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** Makes a JDK below the home folder's {@code .jdks}, or elsewhere, with a release file of some lines. */
    Path jdk(String name, String... release) throws IOException {
        Path jdk = folder.resolve(name);
        executable(jdk.resolve("bin").resolve("java"), String.format(STUB, bash));
        executable(jdk.resolve("bin").resolve("javac"), String.format(STUB, bash));
        Files.writeString(jdk.resolve("release"), String.join("\n", release) + "\n");
        return jdk;
    }

    /** A JDK of a version, with all modules. */
    Path jdk(String name, int version) throws IOException {
        return jdk(name, "IMPLEMENTOR=\"nobody\"", "JAVA_VERSION=\"" + version + ".0.1\"",
                "MODULES=\"" + MODULES + "\"");
    }

    /** Puts a JDK's Java on the path, by a link as a package manager does. */
    void onPath(Path jdk) throws IOException {
        Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin").resolve("java"));
    }

    /** Puts a program on the path that does what some lines say. */
    void program(String name, String lines) throws IOException {
        executable(bin.resolve(name), "#!" + bash + "\n" + lines + "\n");
    }

    /** Makes the house an image whose runtime, one of the JDKs, needs a C library, as bench/image.sh does. */
    void image(String jdk, String libc) throws IOException {
        Files.move(folder.resolve(jdk), script.resolveSibling("runtime"));
        String text = Files.readString(script);
        String filled = text.replace("\nneeds_libc=\n", "\nneeds_libc='" + libc + "'\n");
        assertNotEquals(text, filled, "the launcher has no place for what an image needs");
        executable(script, filled);
    }

    /** A Maven that does what some lines say, in the house. */
    void maven(String lines) throws IOException {
        executable(bin.resolve("mvn"), "#!" + bash + "\nprintf '%s\\n' \"$JAVA_HOME\" \"$PWD\" \"$@\" "
                + ">\"$RECORD/mvn\"\n" + lines + "\n");
    }

    /** How Maven was called: its JDK, its folder and its arguments; empty if it was not. */
    List<String> mavenCall() throws IOException {
        return Files.exists(record.resolve("mvn")) ? Files.readAllLines(record.resolve("mvn")) : List.of();
    }

    /** Starts the launcher beside others. */
    Process start(Path err, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(bash.toString(), script.toString()),
                Stream.of(arguments)).toList()).directory(folder.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Starts it on a pseudo-terminal, which is its output. */
    Process onTerminal(String argument) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Installed.named("script").toString(), "-qec",
                bash + " '" + script + "' " + argument, "/dev/null").directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return run(script, arguments);
    }

    /** Runs it where the shell has limits. */
    Result limited(String limit) throws IOException, InterruptedException {
        before = limit + "; ";
        return run("train");
    }

    /** Runs the launcher by one of its names. */
    Result run(Path name, String... arguments) throws IOException, InterruptedException {
        for (String file : List.of("arguments", "locale", "workspace", "process", "launcher", "code", "out", "err")) {
            Files.deleteIfExists(record.resolve(file));
        }
        // The launcher's filter may outlive it by a moment: the reader at the end of the pipe waits for both.
        String line = before + "{ \"$@\" >\"$RECORD/out\" & printf %d $! >\"$RECORD/launcher\"; wait $!; "
                + "printf %d $? >\"$RECORD/code\"; } 2>&1 | '" + Installed.named("cat") + "' >\"$RECORD/err\"";
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(
                Stream.of(bash.toString(), "-c", line, "bash", name.toString()), Stream.of(arguments)).toList())
                .directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), "it does not end");
            String[] called = recorded("arguments").split("\0", -1);
            return new Result(Integer.parseInt(recorded("code")), recorded("out"), recorded("err"),
                    called.length == 1 ? List.of() : List.of(called).subList(0, called.length - 1),
                    recorded("locale"), recorded("workspace"), recorded("process").equals(recorded("launcher")));
        } finally {
            process.destroyForcibly();
        }
    }

    private String recorded(String name) throws IOException {
        Path file = record.resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }
}

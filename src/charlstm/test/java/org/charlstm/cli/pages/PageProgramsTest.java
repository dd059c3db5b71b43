package org.charlstm.cli.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Tiny;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Scripts and programs beside the tool: each can be started as its page says, is started by {@code .ci/run} or a test,
 * and says in a line what it cannot do.
 */
@InProcesses
@Needs(Need.BASH)
class PageProgramsTest {
    private static final Pattern MAIN = Pattern.compile("static void main\\(|@Benchmark");

    @TempDir
    private Path folder;

    private record Printed(int code, String out, String err) {
    }

    private Printed run(Map<String, String> environment, Object... words) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(Stream.of(words).map(Object::toString).toList())
                .redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        int code = process.waitFor();
        return new Printed(code, Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private static List<Path> files(String... folders) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String each : folders) {
            try (Stream<Path> all = Files.walk(Path.of(each))) {
                all.filter(Files::isRegularFile).filter(file -> !file.toString().contains("__pycache__")).sorted()
                        .forEach(found::add);
            }
        }
        return found;
    }

    /** A first line that names an interpreter is of use to a file that can be run alone, and the other way round. */
    @Test
    void whatNamesItsInterpreterCanBeRun() throws IOException {
        int programs = 0;
        for (Path file : files("bench", ".ci", "kernels", "native", "docs")) {
            if (!file.toString().matches(".*\\.(png|json)")) {
                boolean program = Files.readString(file).startsWith("#!");
                assertEquals(program, Files.isExecutable(file), file.toString());
                programs += program ? 1 : 0;
            }
        }
        assertTrue(programs >= 20, programs + " programs");
    }

    /**
     * By its name in a script of {@code .ci}, in another program, or in a test that does more than ask for its help. A
     * peer in Java by its profile, which a script builds.
     */
    @Test
    void everyProgramIsStartedSomewhere() throws IOException {
        CiScripts ci = new CiScripts();
        Map<Path, String> others = new HashMap<>();
        for (Path file : files("src/cuda/test/java", "native/test/java", "src/kernels/test/java",
                "src/charlstm/test/java", "bench")) {
            if (file.toString().matches(".*Test\\.java|bench/.*\\.(py|sh|java)")) {
                others.put(file, Files.readString(file).replaceAll("(?m)^ *(#|\\*|//|/\\*\\*).*$", "")
                        .replaceAll("@ValueSource\\([^)]*\\)", ""));
            }
        }
        int programs = 0;
        for (Path file : files("bench", ".ci")) {
            String name = file.getFileName().toString().replace(".java", "");
            boolean java = file.toString().endsWith(".java") && MAIN.matcher(Files.readString(file)).find();
            if (file.startsWith("bench/peers/java") && java) {
                assertTrue(ci.names("bench/peers/pom.xml"), file + " is built by nothing");
                programs++;
            } else if (java || (Files.isExecutable(file) && !file.endsWith("run"))) {
                String called = file.startsWith(".ci") ? file.toString() : name;
                Pattern started = Pattern.compile("(?<!\\w)" + Pattern.quote(called) + "\\b");
                assertTrue(ci.names(file.getFileName().toString()) || ci.names(name) || others.entrySet().stream()
                        .anyMatch(other -> !other.getKey().equals(file) && started.matcher(other.getValue()).find()),
                        file + " is started by nothing");
                programs++;
            }
        }
        assertTrue(programs >= 30, programs + " programs");
    }

    /** At once: a test that began to build would not end in time. */
    @ParameterizedTest
    @ValueSource(strings = {".ci/bare", ".ci/gpu", ".ci/nvidia", ".ci/programs", ".ci/run", ".ci/without",
        "bench/image.sh"})
    void aScriptsHelpIsItsHead(String script) throws IOException, InterruptedException {
        List<String> head = Files.readAllLines(Path.of(script)).stream().skip(1)
                .takeWhile(line -> line.startsWith("#")).map(line -> line.replaceFirst("^# ?", "")).toList();
        for (String option : List.of("-h", "--help")) {
            Printed printed = run(Map.of(), Bash.file(), script, option);
            assertEquals(new Printed(0, String.join("\n", head) + "\n", ""), printed);
        }
    }

    @Test
    void withoutAGpuItsTestsEndWithALine() throws IOException, InterruptedException {
        if (Stream.of("/dev/nvidiactl", "/dev/dxg").map(Path::of).noneMatch(Files::exists)) {
            Printed printed = run(Map.of(), Bash.file(), ".ci/gpu");
            assertEquals(1, printed.code);
            assertTrue(printed.err.matches("\\.ci/gpu: no NVIDIA GPU is here .*\n"), printed.err);
        }
    }

    /** As where pyenv's python3 goes before Debian's, which has PyTorch. */
    @Test
    @Needs(Need.PYTHON)
    @SecondCircle("several Pythons")
    void pyTorchIsFoundInWhicheverPythonHasIt() throws IOException, InterruptedException {
        Path with = python("with", "PYTHONPATH=" + folder.resolve("modules"));
        Path without = python("without", "PYTHONPATH=");
        Path module = Files.createDirectories(folder.resolve("modules/torch"));
        Files.writeString(module.resolve("__init__.py"), """
                __version__ = "0"
                class version:
                    cuda = None
                class backends:
                    class cudnn:
                        version = staticmethod(lambda: None)
                """);
        // Before the PATH that there is.
        Object[] first = {Bash.file(), "-c", "PATH=$0:$1:$PATH; shift; exec \"$@\"", without.getParent(),
            with.getParent()};
        Printed printed = run(Map.of("PYTHON", ""), words(first, "bench/gpubench/torch_python.py"));
        assertEquals(new Printed(0, with + "\n", ""), printed);
        // It goes on in that one, and fails at what this torch has not.
        printed = run(Map.of("PYTHON", ""), words(first, without, "bench/shakespeare.py", "no such text"));
        assertTrue(printed.err.contains("torch.nn"), printed.err);
        printed = run(Map.of("PYTHON", without.toString()), words(first, "bench/gpubench/torch_python.py"));
        assertEquals(1, printed.code);
        assertTrue(
                printed.err.lines().count() == 1 && printed.err.startsWith("no python3 has PyTorch with cpu (Debian: "),
                printed.err);
    }

    private static Object[] words(Object[] first, Object... more) {
        return Stream.of(first, more).flatMap(Stream::of).toArray();
    }

    private Path python(String name, String setting) throws IOException {
        Path file = Files.createDirectories(folder.resolve(name)).resolve("python3");
        Files.writeString(file, "#!" + Bash.file() + "\nexec env " + setting + " '" + Installed.named("python3")
                + "' -S \"$@\"\n");
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }

    /** Before it trains for minutes. The tool here only writes down what it is asked. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[1]|no object of options", "{\"--hidden\": 8}|--hidden has no list of values",
        "{\"hidden\": [8]}|hidden has no list of values", "{\"--hidden\": [true]}|--hidden has true",
        "{\"--hidden\": [\"x\"]}|--epochs or --hidden", "{|Expecting property name"})
    @Needs(Need.PYTHON)
    void aGridThatCannotBeIsRefusedAtOnce(String grid, String why) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("grid.json"), grid);
        Path captions = Tiny.text(folder);
        Path asked = folder.resolve("asked");
        Printed printed = run(Map.of(), "bench/recipe.py", captions, "--grid", file, "--charlstm", tool(asked));
        assertEquals(1, printed.code);
        assertTrue(printed.err.lines().count() == 1 && printed.err.startsWith("recipe.py: " + file + ": ")
                && printed.err.contains(why), printed.err);
        assertFalse(Files.exists(asked), "it trained first");
    }

    /** A number of JSON is an option's value, and an option without one has an empty string. */
    @Test
    @Needs(Need.PYTHON)
    void aGridTakesNumbers() throws IOException, InterruptedException {
        Path grid = Files.writeString(folder.resolve("grid.json"),
                "{\"--nesterov\": [\"\"], \"--epochs\": [1], \"--hidden\": [9, 8], \"--learning-rate\": [0.5]}");
        Path asked = folder.resolve("asked");
        Printed printed = run(Map.of(), "bench/recipe.py", Tiny.text(folder), "--grid", grid, "--charlstm", tool(asked),
                "--rounds", "1", "--target", "9");
        assertEquals(0, printed.code, printed.err);
        List<String> options = Files.readAllLines(asked).stream().filter(line -> line.startsWith("train "))
                .map(line -> line.replaceFirst(".*/run ", "")).toList();
        assertEquals(List.of("--epochs 10", "--nesterov --epochs 1 --hidden 8 --learning-rate 0.5",
                "--nesterov --epochs 1 --hidden 9 --learning-rate 0.5"), options.subList(0, 3));
    }

    /** Writes down what it is asked, and answers as the tool does. */
    private Path tool(Path asked) throws IOException {
        Path file = Files.writeString(folder.resolve("tool"), """
                #!%s
                echo "$*" >>'%s'
                previous=
                for word; do
                  if [ "$previous" = --out ]; then
                    mkdir "$word"
                    echo '{"seconds": 1}' >"$word/metrics.jsonl"
                  fi
                  previous=$word
                done
                echo '{"real_loss": 1, "bits_per_character": 1}'
                """.formatted(Bash.file(), asked));
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }
}

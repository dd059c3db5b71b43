package org.charlstm.cli.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.Sources;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Main;
import org.charlstm.cli.console.Console;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command that a page tells its reader to type is run: by this test, made small by its table; by {@code .ci/run};
 * or by another test, which the table names. What needs a card or another host is marked in the page, and says in one
 * line that it cannot run where that is cheap to try. A command that nothing runs fails, by its page and line.
 * The table is {@code src/charlstm/test/resources/pages.txt}.
 */
@InProcesses
@Order(2)
@Needs({Need.BASH, Need.SIMULATED_GPU})
@SecondCircle("every command of every page; tests of the commands run them one by one")
class PageCommandsTest {
    private static final Path TABLE = Path.of("src", "charlstm", "test", "resources", "pages.txt");
    /** The kinds of its rows, and their cells. */
    private static final Map<String, Integer> KINDS = Map.of("given", 1, "before", 2, "need", 2, "held", 3, "plain", 1);
    private static final Pattern SERVED = Pattern.compile("serving .* at (http://\\S+)");
    private static final Pattern TOOL = Pattern.compile("(?:^|.*\\s)(?:\\./charlstm|charlstm-image/charlstm)(\\s.*|$)");

    @TempDir
    private Path folder;
    private Process tool;
    private CiScripts ci;
    private final Set<List<String>> used = new HashSet<>();
    private final List<URI> servers = new ArrayList<>();

    @TestFactory
    Stream<DynamicTest> everyCommandIsRun() throws IOException, InterruptedException {
        List<PageCommand> commands = PageCommand.all();
        ci = new CiScripts();
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ActiveProcessorCount=1", "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                WarmTool.class.getName(), TABLE.toAbsolutePath().toString())
                .directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("CHARLSTM_LIBCUDA", "none");
        tool = builder.start();
        WarmTool.writeScript(folder, tool);
        for (List<String> row : rows("given")) {
            requireDone(row.getFirst(), bash(row.getFirst()));
        }
        Set<String> plain = new HashSet<>();
        commands.forEach(command -> {
            if (row("plain", command.text()) != null) {
                plain.add(command.page() + " " + command.block());
            }
        });
        return Stream.concat(commands.stream()
                .filter(command -> !plain.contains(command.page() + " " + command.block()))
                .map(command -> DynamicTest.dynamicTest(command.at() + ": " + command.text(), () -> hold(command))),
                Stream.of(DynamicTest.dynamicTest("every row of the table is of some command", this::requireUsed)));
    }

    @AfterEach
    void end() throws InterruptedException {
        if (tool != null) {
            tool.destroyForcibly().waitFor();
        }
    }

    /** The row of a kind with the longest first cell that a text begins with; null if there is none. */
    private @Nullable List<String> row(String kind, String text) {
        List<String> found = rows(kind).stream().filter(row -> text.startsWith(row.getFirst()))
                .max(Comparator.comparingInt(row -> row.getFirst().length())).orElse(null);
        if (found != null) {
            used.add(found);
        }
        return found;
    }

    private static List<List<String>> rows(String kind) {
        return Sizes.rows(TABLE, kind, KINDS.get(kind));
    }

    private void requireUsed() {
        for (String kind : List.of("plain", "held", "before", "need")) {
            for (List<String> row : rows(kind)) {
                assertTrue(used.contains(row), TABLE + ": no page has a command of the row " + kind + " " + row);
            }
        }
    }

    private void hold(PageCommand command) throws Exception {
        List<String> held = row("held", command.text());
        if (command.need() != null) {
            marked(command, command.need());
        } else if (command.console()) {
            assertEquals(LabPageTest.PAGE, command.page(), command.at() + " shows outputs that no test compares");
        } else if (held != null) {
            Path test = test(held.get(1));
            assertTrue(Files.readString(test).contains(held.get(2)), test + " has no '" + held.get(2) + "' any more");
        } else if (command.text().startsWith("curl ")) {
            request(command.text());
        } else if (command.text().matches("\\./charlstm(\\s.*)?")) {
            run(command);
        } else if (!ci.run(command.words()) && !MavenLine.isUnderstood(command.words(), ci)) {
            fail(command.at() + ": no test and no script of .ci runs: " + command.text()
                    + "\nLet .ci/programs start it, name what does in " + TABLE + ", or write <!-- needs: ... -->");
        }
    }

    private static Path test(String name) throws IOException {
        return Sources.files(Sources.TESTS).stream().filter(file -> file.endsWith(name + ".java")).findFirst()
                .orElseThrow(() -> new AssertionError(TABLE + " names " + name + ", and there is no such test"));
    }

    /** What is not here is asked for in words that exist, and the tool says in a line that it is missing. */
    private void marked(PageCommand command, String need) throws IOException, InterruptedException {
        List<String> row = row("need", need);
        assertTrue(row != null, command.at() + " needs '" + need + "', which " + TABLE + " does not know");
        Matcher tooled = TOOL.matcher(command.text().replaceAll("'", " ").replaceAll("&&.*", ""));
        if (tooled.matches()) {
            String[] words = PageCommand.words(tooled.group(1).replaceAll(">.*", "")).stream()
                    .filter(word -> !word.isEmpty()).toArray(String[]::new);
            Main.commands(new Console(System.out, System.err, 0)).parseArgs(words);
        }
        if (!row.get(1).isEmpty() && command.text().startsWith("./charlstm")) {
            Printed printed = bash(command.text());
            assertNotEquals(0, printed.code, command.at());
            assertTrue(printed.text.lines().count() == 1 && printed.text.contains(row.get(1)),
                    command.at() + " prints " + printed.text);
        }
    }

    private void run(PageCommand command) throws IOException, InterruptedException {
        List<String> before = row("before", command.text());
        if (before != null) {
            requireDone(before.get(1), bash(before.get(1)));
        }
        Printed printed = bash(command.text());
        requireDone(command.at() + ": " + command.text(), printed);
        SERVED.matcher(printed.text).results().forEach(found -> servers.add(URI.create(found.group(1))));
    }

    /** A request as curl makes it, of the server that the page's second line starts. */
    private void request(String line) throws IOException, InterruptedException {
        List<String> words = Bash.words(line);
        assertEquals(List.of("curl", "-s"), words.subList(0, 2));
        assertTrue(words.get(2).startsWith("localhost:8642/"), line);
        URI server = servers.get(servers.size() - 2);
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(words.get(2).replaceFirst(".*?/", "/")));
        for (int i = 3; i < words.size(); i += 2) {
            if (words.get(i).equals("-H")) {
                String[] header = words.get(i + 1).split(": ", 2);
                request.header(header[0], header[1]);
            } else {
                assertEquals("-d", words.get(i));
                request.POST(HttpRequest.BodyPublishers.ofString(words.get(i + 1)));
            }
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer.body());
        }
    }

    private record Printed(int code, String text) {
    }

    private static void requireDone(String line, Printed printed) {
        assertEquals(0, printed.code, line + "\n" + printed.text);
    }

    private Printed bash(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Bash.file().toString(), "-c", line).directory(folder.toFile())
                .redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Printed(process.waitFor(), printed);
    }
}

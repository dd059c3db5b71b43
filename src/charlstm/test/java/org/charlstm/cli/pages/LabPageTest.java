package org.charlstm.cli.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/lab.md, typed in: every command that the page shows, in its order, prints what the page says, but for times and
 * the machine. There, {@code …} stands for anything within a line, and alone on a line for any lines. The page's
 * figures are those of 256-bit vectors, so wider ones are not used here. They are those of any number of threads, so
 * there is one here, beside other tests. A processor that rounds otherwise all the same, as the losses of the page's
 * training tell, is only held to the number of lines.
 */
@InProcesses
@Order(1)
@Needs(Need.BASH)
@SecondCircle("the page line by line; OutputsTest holds what the commands print")
class LabPageTest {
    static final Path PAGE = Path.of("docs", "lab.md");
    private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
    private static final String NOTICE = "WARNING: Using incubator modules: jdk.incubator.vector";

    /** Words that depend on the machine and the moment, and their placeholders. */
    private static final List<String[]> PASSING = List.of(
            new String[] {"charlstm: warning: the load of the last minute is .*\n", ""},
            new String[] {"(?m)^device cpu: .*$", "device"},
            new String[] {"(?m)^.*, \\d+ processors?, .*, charlstm .*$", "machine"},
            new String[] {"(?m)^cpu +float32 +\\d+(( +\\d+){4}) .*$", "cpu$1"},
            new String[] {"(?m)(?<=\\d ms: ).* \\d+%.*$", "operations"},
            new String[] {"\\d+ threads?", "# threads"}, new String[] {"threads \\d+", "threads #"},
            new String[] {"(?<=mean |median |min |max |first )[\\d.]+", "#"},
            new String[] {"[\\d.,:]*\\d(?= s\\b| ms\\b|%| characters/s| left)", "#"}, new String[] {" {2,}", " "});

    @TempDir
    private Path folder;
    private Process tool;
    private boolean alike = true;

    /** A command and what it prints, line feeds included. */
    private record Step(String command, String output) {
        boolean trains() {
            return command.startsWith("./charlstm train ");
        }
    }

    private static List<Step> steps() throws IOException {
        List<Step> steps = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        while (block.find()) {
            for (String part : block.group(1).split("(?m)^\\$ ", 0)) {
                int end = part.indexOf('\n');
                if (end > 0) {
                    steps.add(new Step(part.substring(0, end), part.substring(end + 1)));
                }
            }
        }
        return steps;
    }

    @TestFactory
    Stream<DynamicTest> everyCommandPrintsWhatThePageSays() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:MaxVectorSize=32", "-XX:ActiveProcessorCount=1", "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                WarmTool.class.getName())
                .directory(folder.toFile()).redirectError(folder.resolve("notices").toFile());
        // The page is a processor's, also where there is a GPU.
        builder.environment().put("CHARLSTM_LIBCUDA", "none");
        tool = builder.start();
        WarmTool.writeScript(folder, tool);
        List<Step> steps = steps();
        assertTrue(steps.size() >= 15 && steps.stream().anyMatch(Step::trains), PAGE + " shows " + steps);
        return steps.stream().map(step -> DynamicTest.dynamicTest(step.command, () -> run(step)));
    }

    /** The JVM has nothing to say but its notice. */
    @AfterEach
    void end() throws IOException, InterruptedException {
        if (tool != null) {
            tool.destroyForcibly().waitFor();
            assertEquals(List.of(NOTICE), Files.readAllLines(folder.resolve("notices")));
        }
    }

    private void run(Step step) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Bash.file().toString(), "-c", step.command)
                .directory(folder.toFile()).redirectErrorStream(true);
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                .map(line -> line.stripTrailing() + "\n").collect(Collectors.joining());
        assertEquals(0, process.waitFor(), printed);
        boolean same = expected(masked(step.output)).matcher(masked(printed)).matches();
        if (!same && step.trains()) {
            alike = losses(step.output).equals(losses(printed));
        }
        if (alike) {
            assertTrue(same, () -> PAGE + " has\n" + step.output + "but it prints\n" + printed);
        } else if (step.output.lines().noneMatch("…"::equals)) {
            assertEquals(masked(step.output).lines().count(), masked(printed).lines().count(), printed);
        }
    }

    private static String masked(String output) {
        for (String[] each : PASSING) {
            output = output.replaceAll(each[0], each[1]);
        }
        return output;
    }

    private static List<String> losses(String output) {
        return Pattern.compile("loss (\\d+\\.\\d+)").matcher(output).results().map(found -> found.group(1)).toList();
    }

    private static Pattern expected(String output) {
        return Pattern.compile(output.lines().map(line -> line.equals("…") ? "(?:[^\n]*\n)*"
                : Stream.of(line.split("…", -1)).map(Pattern::quote).collect(Collectors.joining("[^\n]*")) + "\n")
                .collect(Collectors.joining()));
    }
}

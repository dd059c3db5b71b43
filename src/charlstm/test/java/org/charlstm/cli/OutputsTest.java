package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole outputs of command lines: a file for each command in {@code src/charlstm/test/resources/outputs}. Lines of
 * standard error begin with an exclamation mark, a line with the exit code ends what fails.
 * {@code mvn test -Dtest=OutputsTest -Doutputs=write} writes the outputs anew, to be read in the diff.
 */
class OutputsTest {
    /** The output is the machine's, or is an option's page or a script of all options: tests of their own hold it. */
    private static final Set<String> ELSEWHERE = Set.of("completion", "doctor", "help", "selftest", "serve");
    /** Words that differ from run to run and from machine to machine, and their placeholders. */
    private static final List<String[]> PASSING = List.of(
            new String[] {"[\\d,.]+(?= characters/s|k/s)", "SPEED"}, new String[] {"\\d+\\.\\d{2,} s\\b", "TIME s"},
            new String[] {"(?<=\\b(?:first|mean|median|min|max) )\\d+\\.\\d\\d", "TIME"},
            new String[] {"\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d[.\\dZ]*( UTC)?", "DATE"},
            new String[] {"^(machine +|).*, \\d+ processors?, .*, charlstm \\S+$", "$1MACHINE"},
            new String[] {"(\"(?:processors?|memory_bytes|os|java|jvm)\": ).*?(,?)$", "$1MACHINE$2"},
            new String[] {"(\"(?:first|mean|median|min|max)\": )(?:\\S+E-\\d+|\\d+\\.\\d{3,})", "$1TIME"});
    private static final Pattern FRACTION = Pattern.compile("-?\\d+\\.\\d{5,}(?:E-?\\d+)?");
    @TempDir
    private static Path folder;
    private static Transcript transcript;

    @BeforeAll
    static void train() throws IOException {
        transcript = new Transcript("outputs", folder, OutputsTest::output);
    }

    private static List<String> output(String input, Object... words) {
        Tool tool = Tool.given(input, words);
        List<String> lines = new ArrayList<>();
        tool.out().lines().map(OutputsTest::masked).forEach(lines::add);
        tool.err().lines().map(line -> "! " + masked(line)).forEach(lines::add);
        if (tool.code() != 0) {
            lines.add("exit code " + tool.code());
        }
        return lines;
    }

    /** The last digits of a fraction are the processor's. */
    private static String masked(String line) {
        for (String[] each : PASSING) {
            line = line.replaceAll(each[0], each[1]);
        }
        return FRACTION.matcher(line).replaceAll(number -> String.format(Locale.ROOT, "%.4g",
                Double.parseDouble(number.group())));
    }

    @TestFactory
    Stream<DynamicTest> lines() throws IOException {
        return transcript.tests();
    }

    @Test
    void everyCommandHasAGoldenFile() throws IOException {
        Set<String> commands = new TreeSet<>(Commands.NAMES);
        commands.removeAll(ELSEWHERE);
        assertEquals(commands, transcript.files().keySet());
    }
}

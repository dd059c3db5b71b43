package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code cudasim}, laid out as in its tarball: its options, its summary and its codes. */
@Timeout(120)
@Needs(Need.SIMULATED_GPU)
@Tag("outside")
class CudasimTest {
    private static final Path SOURCES = Path.of("native", "test", "resources", "cudasim").toAbsolutePath();

    @TempDir
    private Path folder;
    private Path cudasim;

    @BeforeEach
    void layOut() throws IOException {
        cudasim = Files.copy(Path.of("native", "cudasim"), folder.resolve("cudasim"));
        Files.createSymbolicLink(folder.resolve("lib"), Path.of("target", "native").toAbsolutePath());
    }

    /** JUnit would warn of a link out of its folder. */
    @AfterEach
    void removeLink() throws IOException {
        Files.delete(folder.resolve("lib"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
            --order one -- true,       there is no option --order
            --orders,                  --orders needs a value
            --orders two -- true,      "--orders two: it needs one, all, lockstep or a number"
            --capability Ada -- true,  "--capability Ada: it needs a compute capability, such as 80"
            --devices 9 -- true,       --devices 9: it needs a number from 1 to 8
            --exit 256 true,           "--exit 256: it needs a code from 0 to 255, perhaps with :warning or :note"
            --known none -- true,      --known none: it needs a file that can be read
            --report / true,           --report /: it needs a file without a comma in a folder that may be written
            --capability=80,           it needs a program to run
            -- nothing-here,           "there is no program nothing-here, neither as a file nor on the PATH"
            build,                     "build needs a command, such as nvcc -o program program.cu"
            """)
    void aWrongCallIsRefusedInOneLine(String arguments, String why) throws IOException, InterruptedException {
        assertEquals(List.of("cudasim: " + why + "; cudasim --help tells more"), run(2, arguments.split(" ")));
    }

    @Test
    void itsHelpIsAPageAndTheProgramsCodeIsItsOwn() throws IOException, InterruptedException {
        List<String> page = run(0, "--help");
        assertTrue(page.contains("  cudasim [OPTION...] [--] PROGRAM [ARGUMENT...]"), page::toString);
        assertTrue(page.stream().noneMatch(line -> line.startsWith("#")), page::toString);
        assertEquals(List.of("said 80 lockstep 2"), run(5, "--capability=8.0", "--orders", "lockstep", "--devices", "2",
                "--", "bash", "-c",
                "echo said $((CHARLSTM_SIM_CAPABILITY / 10)) $CHARLSTM_SIM_ORDERS $CHARLSTM_SIM_DEVICES; exit 5"));
    }

    /** The program prints that it passed, and ends with 0. */
    @Test
    @Needs(Need.NVCC)
    void aMistakeEndsWithACodeAndASummary() throws IOException, InterruptedException {
        String program = folder.resolve("program").toString();
        run(0, "build", Installed.named("nvcc").toString(), "-arch=compute_75", "-o", program,
                SOURCES.resolve("mistakes.cu").toString());
        Path report = folder.resolve("report.sarif");
        List<String> said = run(7, "--orders", "one", "--report", report.toString(), "--", program);
        String summary = "  error    out-of-bounds     write_one, mistakes.cu:4";
        assertTrue(said.contains("PASS") && said.contains(summary), () -> String.join("\n", said));
        assertEquals("cudasim: the program ended with 0 in spite of them, so cudasim ends with 7; --exit 0 switches "
                + "that off", said.getLast());
        assertTrue(Files.readString(report).contains("out-of-bounds"));
        assertTrue(run(0, "--orders", "one", "--exit", "0", program).contains(summary));
        Path known = Files.writeString(folder.resolve("known"), "write_last race mistakes.cu:8\n");
        run(7, "--orders", "one", program, "races");
        assertTrue(run(0, "--orders", "one", "--known", known.toString(), program, "races").contains("PASS"));
    }

    /** The last is told as the program ends, which never waits for that. */
    @Test
    @Needs(Need.NVCC)
    void theHostsEarlyTouchesAreToldWithTheirLines() throws IOException, InterruptedException {
        Path source = SOURCES.resolve("touches.cu");
        String program = folder.resolve("program").toString();
        run(0, "build", Installed.named("nvcc").toString(), "-g", "-arch=compute_75", "-o", program, source.toString());
        String[] wrong = {"--exit", "7:warning", "--", "env", "CHARLSTM_SIM_STREAMS=deferred", program};
        List<String> lines = Files.readAllLines(source);
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).endsWith("// told")) {
                wanted.add("touches.cu:" + (i + 1));
            }
        }
        assertEquals(4, wanted.size());
        List<String> told = run(7, wrong).stream().filter(line -> line.startsWith("  warning  race "))
                .map(line -> line.replaceFirst(".*, ", "")).toList();
        assertEquals(wanted, told);
        Path known = Files.writeString(folder.resolve("known"), "* race touches.cu:*\n");
        for (String[] right : new String[][] {{"waits"}, {}}) {
            List<String> command = new ArrayList<>(right.length > 0 ? List.of() : List.of("--known", known.toString()));
            command.addAll(List.of(wrong));
            command.addAll(List.of(right));
            List<String> said = run(0, command.toArray(String[]::new));
            assertTrue(said.contains("PASS 1") && said.stream().noneMatch(line -> line.contains("race")),
                    () -> String.join("\n", said));
        }
    }

    private List<String> run(int code, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", cudasim.toString()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        int ended = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start().waitFor();
        List<String> lines = Files.readAllLines(output);
        assertEquals(code, ended, () -> String.join("\n", lines));
        return lines;
    }
}

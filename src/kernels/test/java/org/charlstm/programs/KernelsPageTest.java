package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The findings and the workflow that docs/kernels.md shows. */
@InProcesses
@Timeout(600)
class KernelsPageTest {
    private static final Path JCUDA = Path.of("src", "cuda", "test", "resources", "jcuda").toAbsolutePath();

    @TempDir
    private Path folder;

    /** Those that ForeignProgramsTest has the simulated GPU say. */
    @Test
    void itsFindingsAreReal() throws IOException {
        List<String> real = Mistakes.all().stream().map(launch -> launch.finding().getLast()).toList();
        List<String> shown = page().lines().filter(line -> line.startsWith("    charlstm sim: "))
                .map(line -> Launch.plain(line.strip().substring("charlstm sim: ".length()))).toList();
        assertEquals(2, shown.size());
        shown.forEach(line -> assertTrue(real.contains(line), line));
    }

    /** All that it runs but for what loads from the net: root's commands and Maven are only written down. */
    @Test
    @Needs({Need.BASH, Need.GXX, Need.NVCC, Need.JCUDA, Need.JAVAC, Need.SIMULATED_GPU})
    @SecondCircle("the page's workflow in a copy; CudaProgramsTest builds such a program")
    void itsWorkflowRuns() throws IOException, InterruptedException {
        Matcher workflow = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(page());
        assertTrue(workflow.find(), "docs/kernels.md shows no workflow");
        List<String> commands = workflow.group(1).lines().filter(line -> line.startsWith("      - run: "))
                .map(line -> line.substring(13)).toList();
        Map<String, String> environment = new TreeMap<>();
        Matcher variable = Pattern.compile("^      ([A-Z_]+): (.*)$", Pattern.MULTILINE).matcher(workflow.group(1));
        while (variable.find()) {
            environment.put(variable.group(1), variable.group(2).replace("${{ github.workspace }}", folder.toString()));
        }
        assertEquals("[CHARLSTM_GPU, LD_LIBRARY_PATH]", environment.keySet().toString());
        repository();
        Path stubs = Files.createDirectory(folder.resolve("stubs"));
        for (String name : List.of("sudo", "mvn")) {
            Files.setPosixFilePermissions(Files.writeString(stubs.resolve(name),
                    "#!/bin/sh\necho \"written down: " + name + " $*\"\n"),
                    PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        environment.put("PATH", stubs + File.pathSeparator + Path.of(System.getProperty("java.home"), "bin"));
        String said = run(environment, commands);
        assertEquals(List.of("written down: sudo apt-get update",
                "written down: sudo apt-get install -y g++ nvidia-cuda-toolkit",
                "loaded: 1000 sums are right, by 1000 threads", "linked: 1000 sums are right, by 1000 threads",
                "0 of 1000 sums are wrong", "written down: mvn -B -f charlstm install -DskipTests",
                "written down: mvn -B verify"),
                said.lines().filter(line -> line.matches("(written down|loaded|linked): .*|.* sums are wrong"))
                        .toList(),
                said);
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("docs", "kernels.md"));
    }

    /** As a user may have it: charlstm's sources, a kernel, a program and JCuda. */
    private void repository() throws IOException {
        Files.createSymbolicLink(folder.resolve("charlstm"), Path.of("").toAbsolutePath());
        Files.copy(JCUDA.resolve("vector_add.cu"),
                Files.createDirectories(folder.resolve("src/main/cuda")).resolve("vector_add.cu"));
        Files.copy(Path.of("native", "test", "resources", "ctest", "sums.cu"),
                Files.createDirectories(folder.resolve("src/test/cuda")).resolve("sums.cu"));
        Files.copy(JCUDA.resolve("VectorAdd.java"),
                Files.createDirectories(folder.resolve("src/test/java")).resolve("VectorAdd.java"));
        Path library = Files.createDirectory(folder.resolve("lib"));
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path jar = Path.of(path).toAbsolutePath();
            if (jar.getFileName().toString().startsWith("jcuda-")) {
                Files.createSymbolicLink(library.resolve(jar.getFileName()), jar);
            }
        }
    }

    /** As a runner does: each in a shell of its own, which ends at the first command that fails. */
    private String run(Map<String, String> environment, List<String> commands)
            throws IOException, InterruptedException {
        StringBuilder said = new StringBuilder();
        for (String command : commands) {
            Path output = folder.resolve("output");
            ProcessBuilder process = new ProcessBuilder(Installed.named("bash").toString(), "-e", "-o", "pipefail",
                    "-c", command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            environment.forEach((name, value) -> process.environment().merge(name, value,
                    (old, more) -> name.equals("PATH") ? more + File.pathSeparator + old : more));
            int code = process.start().waitFor();
            said.append(Files.readString(output, StandardCharsets.UTF_8));
            assertEquals(0, code, () -> command + "\n" + said);
        }
        return said.toString();
    }
}

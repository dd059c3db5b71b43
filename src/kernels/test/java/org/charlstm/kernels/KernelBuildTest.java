package org.charlstm.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kernels/build.sh in a checkout of its own, with an nvcc that only notes how it is called. */
@Needs(Need.BASH)
@Tag("outside")
class KernelBuildTest {
    private static final List<String> TOOLS = List.of("bash", "basename", "cat", "cp", "dirname", "grep", "mkdir", "mv",
            "readlink", "rm", "sha256sum", "sort", "tr");

    @TempDir
    private Path folder;
    private Path bin;
    private Path kernels;
    private Path out;

    @BeforeEach
    void checkout() throws IOException {
        bin = Files.createDirectory(folder.resolve("bin"));
        kernels = Files.createDirectory(folder.resolve("kernels"));
        out = folder.resolve("out");
        Path bash = Bash.file();
        for (String tool : TOOLS) {
            tool(tool, "#!" + bash + "\nexec '" + Installed.named(tool) + "' \"$@\"\n");
        }
        Files.copy(Path.of("kernels", "build.sh"), kernels.resolve("build.sh"));
        Files.copy(Path.of("charlstm"), folder.resolve("charlstm"));
        Files.writeString(kernels.resolve("device.h"), "// shared\n");
        Files.createDirectory(kernels.resolve("kind"));
        Files.writeString(source("one"), "// one\n");
        Files.writeString(source("two"), "// two\n");
        tool("gcc", "exit 1\n");
        tool("nvcc", nvcc(bash));
        tool("java", "#!" + bash + "\necho \"$*\"\n");
        tool("javac", "exit 1\n");
        Files.writeString(folder.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    }

    /** It knows sm_75 and sm_90. Each kernel has an inner function, which ptxas lists first. */
    private static String nvcc(Path bash) {
        return """
                #!%s
                case "$*" in
                  --version) echo "Cuda compilation tools, release 12.9, V12.9.${PATCH:-1}"; exit ;;
                  --list-gpu-code) printf 'sm_75\\nsm_90\\nsm_90a\\n'; exit ;;
                esac
                printf '%%s\\n' "$*" >>"$RECORD"
                all="$*"
                source="${*: -1}"
                name="$(basename "$source" .cu)"
                if grep -q broken "$source"; then
                  echo "$name.cu(1): error: no such thing" >&2
                  exit 2
                fi
                while [ "$1" != --keep-dir ]; do shift; done
                kept="$2"
                while [ "$1" != -o ]; do shift; done
                echo code >"$2"
                for architecture in 75 90; do
                  case "$all" in *"code=sm_$architecture"*) ;; *) continue ;; esac
                  of="$kept/$name.compute_$architecture"
                  case "$all" in *gencode*gencode*) ;; *) of="$kept/$name" ;; esac
                  echo "ptxas info    : Compiling entry function '$name' for 'sm_$architecture'"
                  echo 'ptxas info    : Function properties for inner'
                  echo '    1 bytes stack frame, 2 bytes spill stores, 3 bytes spill loads'
                  echo "ptxas info    : Function properties for $name"
                  echo '    16 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads'
                  echo 'ptxas info    : Function properties for inner'
                  echo '    1 bytes stack frame, 2 bytes spill stores, 3 bytes spill loads'
                  echo 'ptxas info    : Used 24 registers, used 1 barriers, 1024 bytes smem, 368 bytes cmem[0]'
                  {
                    printf '\\t.reg .pred %%%%p<2>;\\n$L:\\n\\t// rem.s64\\n'
                    printf '\\trem.s64 %%%%rd1, %%%%rd2, %%%%rd3;\\n\\t@%%%%p1 ld.global.v4.f32 {};\\n'
                    printf '\\tst.global.f32 [];\\n\\t@!%%%%p1 bra $L;\\n'
                    echo "$name for $architecture"
                  } >"$of.ptx"
                  echo "$name for $architecture" >"$of.cubin"
                done
                """.formatted(bash);
    }

    private void tool(String name, String text) throws IOException {
        Files.writeString(bin.resolve(name), text);
        assertTrue(bin.resolve(name).toFile().setExecutable(true));
    }

    private record Result(int code, String output) {
    }

    private Result build(String... environment) throws IOException, InterruptedException {
        return run(List.of(out.toString(), folder.resolve("logs").toString()), environment);
    }

    private Result run(List<String> arguments, String... environment) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(bin.resolve("bash").toString(),
                kernels.resolve("build.sh").toString()), arguments.stream()).toList())
                .redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("JAVA_HOME", folder.toString());
        builder.environment().put("RECORD", folder.resolve("record").toString());
        builder.environment().put("CHARLSTM_TOOLKITS", folder.resolve("toolkits").toString());
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        return new Result(builder.start().waitFor(), Files.readString(output));
    }

    /** Which kernels were compiled since the last question. */
    private List<String> compiled() throws IOException {
        Path record = folder.resolve("record");
        List<String> calls = Files.exists(record) ? Files.readAllLines(record) : List.of();
        Files.deleteIfExists(record);
        return calls.stream().map(call -> call.substring(call.lastIndexOf('/') + 1)).sorted().toList();
    }

    private List<String> made() throws IOException {
        return made(out, "");
    }

    private static List<String> made(Path in, String ending) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(ending)).sorted()
                    .toList();
        }
    }

    @Test
    void eachKernelBecomesMachineCodeForWhatNvccKnows() throws Exception {
        assertEquals(new Result(0, ""), build());
        assertEquals(List.of("one.fatbin", "toolkit.properties", "two.fatbin"), made());
        for (String call : Files.readAllLines(folder.resolve("record"))) {
            assertTrue(call.contains(" -gencode arch=compute_75,code=sm_75 -gencode arch=compute_90,code=sm_90 --"),
                    call);
            assertTrue(call.contains("-Werror all-warnings"), call);
        }
        assertEquals("cuda=12090\narchitectures=75 90\n", Files.readString(out.resolve("toolkit.properties")));
        for (String name : List.of("one", "two")) {
            for (String architecture : List.of("75", "90")) {
                Path ptx = folder.resolve(Path.of("logs", "sm_" + architecture, name + ".ptx"));
                assertEquals(name + " for " + architecture, Files.readAllLines(ptx).getLast());
            }
            assertEquals(name + " for 90\n",
                    Files.readString(folder.resolve("logs").resolve(name + ".sm_90.cubin")));
        }
        assertEquals(List.of("one.sm_90.cubin", "two.sm_90.cubin"), made(folder.resolve("logs"), ".cubin"));
    }

    /** What was made for others before is gone. */
    @Test
    void oneArchitectureAloneIsMadeWhereItIsNamed() throws Exception {
        build();
        assertEquals(new Result(0, ""), run(List.of(out.toString(), folder.resolve("logs").toString(), "90")));
        assertEquals("cuda=12090\narchitectures=90\n", Files.readString(out.resolve("toolkit.properties")));
        assertEquals(List.of("one.sm_90.cubin", "two.sm_90.cubin"), made(folder.resolve("logs"), ".cubin"));
        assertEquals(List.of(), made(folder.resolve(Path.of("logs", "sm_75")), ".ptx"));
        assertEquals("one for 90", Files.readAllLines(folder.resolve(Path.of("logs", "sm_90", "one.ptx"))).getLast());
        assertEquals(2, run(List.of(out.toString(), folder.resolve("logs").toString(), "ninety")).code);
    }

    /** The newest of CUDA 12: its code runs under more drivers. */
    @Test
    void aToolkitOfCuda12GoesBeforeThePath() throws Exception {
        String path = Files.readString(bin.resolve("nvcc"));
        String newer = path.replace("release 12.9, V12.9", "release 12.8, V12.8").replace("sm_90a", "sm_120")
                .replace("in 75 90;", "in 75 90 120;");
        toolkit("cuda-12.4", path.replace("release 12.9, V12.9", "release 12.4, V12.4"));
        toolkit("cuda-13.0", newer);
        build();
        assertTrue(Files.readString(out.resolve("toolkit.properties")).startsWith("cuda=12090\n"));
        toolkit("cuda-12.8", newer);
        assertEquals(new Result(0, ""), build());
        assertEquals("cuda=12080\narchitectures=75 90 120\n", Files.readString(out.resolve("toolkit.properties")));
    }

    private void toolkit(String name, String text) throws IOException {
        Path folderOfTools = Files.createDirectories(folder.resolve("toolkits").resolve(name).resolve("bin"));
        Path nvcc = Files.writeString(folderOfTools.resolve("nvcc"), text);
        assertTrue(nvcc.toFile().setExecutable(true));
    }

    @Test
    void onlyWhatHasChangedIsCompiledAgain() throws Exception {
        build();
        assertEquals(List.of("one.cu", "two.cu"), compiled());
        assertEquals(new Result(0, ""), build());
        assertEquals(List.of(), compiled());
        Files.writeString(source("two"), "// two, mended\n");
        build();
        assertEquals(List.of("two.cu"), compiled());
        Files.delete(out.resolve("one.fatbin"));
        build();
        assertEquals(List.of("one.cu"), compiled());
        Files.writeString(kernels.resolve("device.h"), "// shared, mended\n");
        build();
        assertEquals(List.of("one.cu", "two.cu"), compiled());
        build("PATCH", "2");
        assertEquals(List.of("one.cu", "two.cu"), compiled());
        Files.writeString(kernels.resolve("build.sh"), Files.readString(kernels.resolve("build.sh")) + "# mended\n");
        build("PATCH", "2");
        assertEquals(List.of("one.cu", "two.cu"), compiled());
    }

    private Path source(String name) {
        return kernels.resolve("kind").resolve(name + ".cu");
    }

    @Test
    void twoFilesOfOneNameAreRefused() throws Exception {
        Files.copy(source("one"), Files.createDirectory(kernels.resolve("other")).resolve("one.cu"));
        assertEquals(new Result(1, "charlstm kernels: two files are named one.cu\n"), build());
    }

    @Test
    void aKernelThatIsGoneLeavesNothing() throws Exception {
        build();
        Files.delete(source("one"));
        build();
        assertEquals(List.of("toolkit.properties", "two.fatbin"), made());
        assertEquals(List.of("two.sm_90.cubin"), made(folder.resolve("logs"), ".cubin"));
    }

    @Test
    void aBrokenKernelFailsWithNvccsMessageAndIsNotLeftAsItWas() throws Exception {
        build();
        Files.writeString(source("one"), "broken\n");
        Result result = build();
        assertEquals(1, result.code);
        assertTrue(result.output.contains("one.cu(1): error: no such thing"), result.output);
        assertEquals(1, result.output.lines().count(), "more than the message is said: " + result.output);
        assertFalse(made().contains("one.fatbin"));
        assertEquals(1, build().code, "the failure is forgotten");
    }

    @Test
    void withoutNvccOrItsHostCompilerNothingIsMadeAndOneLineSaysSo() throws Exception {
        for (String missing : List.of("gcc", "nvcc")) {
            build();
            Files.delete(bin.resolve(missing));
            Result result = build();
            assertEquals(0, result.code, result.output);
            assertEquals("charlstm kernels: no " + missing + " on the PATH: the jar gets no fat binaries\n",
                    result.output);
            assertEquals(List.of(), made(), "code of an earlier build is left");
            assertFalse(Files.exists(folder.resolve("logs").resolve("resources.txt")));
            assertEquals(List.of(), made(folder.resolve("logs"), ".cubin"));
            assertEquals(1, run(List.of("--ledger")).code, "a ledger of no figures");
            tool("gcc", "exit 1\n");
        }
    }

    /** A row for each kernel and architecture, with the properties of the kernel alone. */
    @Test
    void theLedgerHasWhatPtxasSaid() throws Exception {
        Result result = run(List.of("--ledger"));
        assertEquals(new Result(0, ""), result);
        List<String> rows = Files.readAllLines(kernels.resolve("resources.txt"));
        assertTrue(rows.contains("# nvcc V12.9.1"), rows.toString());
        assertEquals(List.of("one 75 24 1024 16 8 4 4 1 2 1", "one 90 24 1024 16 8 4 4 1 2 1",
                "two 75 24 1024 16 8 4 4 1 2 1", "two 90 24 1024 16 8 4 4 1 2 1"),
                rows.stream().filter(row -> !row.startsWith("#")).toList());
    }

    @Test
    void theLedgerOfMachineCodeIsWhatItsProgramPrints() throws Exception {
        assertEquals(new Result(0, ""), run(List.of("--ledger")));
        assertEquals(kernels + "/../src/kernels/test/java/org/charlstm/cuda/machinecode/Ledger.java "
                + folder.resolve("target").resolve("kernels") + "\n",
                Files.readString(kernels.resolve("machine-code.txt")));
        tool("java", "exit 3\n");
        Files.writeString(kernels.resolve("resources.txt"), "as it was\n");
        assertEquals(3, run(List.of("--ledger")).code);
        assertEquals("as it was\n", Files.readString(kernels.resolve("resources.txt")));
    }
}

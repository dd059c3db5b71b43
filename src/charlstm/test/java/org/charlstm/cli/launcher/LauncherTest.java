package org.charlstm.cli.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.Sampled;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the launcher calls Java, and what passes through it. */
@InProcesses
@Needs({Need.BASH, Need.FIND, Need.FLOCK})
class LauncherTest {
    private static final String NOTICE = "WARNING: Using incubator modules: jdk.incubator.vector\n";

    private static final String NO_KERNELS = "-Dfat-binaries.skip=true";

    @TempDir
    private Path folder;
    private Launcher launcher;

    @BeforeEach
    void build() throws IOException {
        launcher = new Launcher(folder);
        launcher.with("JAVA_HOME", launcher.jdk("jdk", 25));
    }

    @Test
    void javaGetsWhatTheProgramNeeds() throws Exception {
        Launcher.Result result = launcher.run("train");
        assertEquals("", result.err());
        String flags = String.join(" ", result.arguments());
        assertTrue(flags.contains(" --add-modules jdk.incubator.vector "), flags);
        assertTrue(flags.contains(" --enable-native-access=ALL-UNNAMED "), flags);
        assertTrue(flags.contains(" -Dfile.encoding=UTF-8 "), flags);
        assertTrue(flags.contains(" -XX:ObjectAlignmentInBytes=64 "), flags);
        String compile = " -XX:CompileCommand=%s,org.charlstm.device.cpu*::*,%s ";
        assertTrue(flags.contains(compile.formatted("CompileThresholdScaling", "0.05")), flags);
        assertTrue(flags.contains(compile.formatted("BackgroundCompilation", "false")), flags);
        assertFalse(flags.contains("TieredStopAtLevel"), flags);
        assertTrue(flags.contains(" -Dcharlstm.columns=0 "), "no terminal has no columns: " + flags);
        assertEquals(launcher.jar().toString(), result.arguments().get(result.arguments().indexOf("-jar") + 1));
        assertEquals(List.of("train"), result.programArguments());
    }

    @Test
    void whatIsSoonOverIsCompiledOnce() throws Exception {
        for (String soon : List.of("--version", "help", "show")) {
            assertTrue(launcher.run(soon).arguments().contains("-XX:TieredStopAtLevel=1"), soon);
        }
    }

    /** As a pseudo-terminal that nobody has told its size. */
    @Test
    @Needs(Need.SCRIPT)
    void aTerminalOfNoColumnsIsTakenForOneOfEighty() throws Exception {
        Process process = launcher.onTerminal("train");
        process.getInputStream().readAllBytes();
        assertEquals(0, process.waitFor());
        String flags = Files.readString(launcher.record().resolve("arguments"));
        assertTrue(flags.contains("-Dcharlstm.columns=80\0"), flags);
    }

    /** Its own descriptors begin at 203. */
    @Test
    void tooFewOpenFilesAreNamed() throws Exception {
        Launcher.Result refused = launcher.limited("ulimit -n 40");
        assertEquals(1, refused.code());
        assertEquals("charlstm: may have only 40 files open at a time and needs 256; allow it more with: ulimit -n "
                + "1024\n", refused.err());
        // The launcher raises the limit as far as the shell may.
        Launcher.Result raised = launcher.limited("ulimit -Sn 40");
        assertEquals("", raised.err());
        assertEquals(0, raised.code());
    }

    @Test
    void argumentsArriveUnchanged() throws Exception {
        List<String> arguments = List.of("two words", "", "@x", "a\nb", "\n", " ", "*", "$HOME", "`ls`", "\"", "'",
                "\\", "-e", "--", "");
        assertEquals(arguments, launcher.run(arguments.toArray(String[]::new)).programArguments());
        assertEquals(List.of(), launcher.run().programArguments());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 130, 143, 255})
    @Sampled(every = 3)
    void theExitCodePassesThrough(int code) throws Exception {
        assertEquals(code, launcher.with("CODE", code).run().code());
    }

    @Test
    void signalsToTheLauncherReachJava() throws Exception {
        assertTrue(launcher.run().inPlace(), "Java runs in a process beside the launcher");
    }

    @Test
    void onlyTheNoticeOfTheJvmIsTakenFromStandardError() throws Exception {
        String before = "first\n  second \\n %s * \n\n";
        String after = NOTICE.replace("vector", "vector2") + "x" + NOTICE + "last\n";
        Launcher.Result result = launcher.with("STDERR", before + NOTICE + after).with("CODE", 3).run();
        assertEquals(before + after, result.err());
        assertEquals(3, result.code());
    }

    @Test
    void standardOutputPassesThroughUntouched() throws Exception {
        String out = NOTICE + "a line\nand one without an end";
        assertEquals(out, launcher.with("STDOUT", out).run().out());
    }

    /** The first that is set decides, as in the C library. */
    @ParameterizedTest
    @CsvSource({"LC_ALL,C,C.UTF-8", "LC_ALL,POSIX,C.UTF-8", "LC_ALL,de_DE.ISO-8859-1,C.UTF-8", "LC_CTYPE,C,C.UTF-8",
        "LANG,C,C.UTF-8", "NONE,NONE,C.UTF-8", "LC_ALL,C.UTF-8,C.UTF-8", "LC_ALL,de_DE.utf8,de_DE.utf8",
        "LC_ALL,en_US.UTF-8,en_US.UTF-8", "LC_CTYPE,C.UTF-8,unset", "LANG,tr_TR.UTF-8,unset"})
    @Sampled(every = 4)
    void aLocaleOfUtf8StaysAndAnyOtherBecomesOne(String variable, String value, String expected) throws Exception {
        if (variable.equals("LC_ALL")) {
            launcher.with("LANG", value.equals("C") ? "C.UTF-8" : "C");
        }
        assertEquals(expected, launcher.with(variable, value).run().locale());
    }

    /** Or two runs from one seed might differ on a GPU, where cuDNN finds a workspace of another size. */
    @Test
    void cublasHasWorkspacesOfOneSize() throws Exception {
        assertEquals(":4096:2", launcher.run("train").workspace());
        assertEquals(":16:8", launcher.with("CUBLAS_WORKSPACE_CONFIG", ":16:8").run("train").workspace());
        assertEquals(":4096:2", launcher.with("CUBLAS_WORKSPACE_CONFIG", "").run("train").workspace());
    }

    @Test
    void aLinkToTheLauncherIsTheLauncher() throws Exception {
        Path links = Files.createDirectory(folder.resolve("links"));
        Path second = Files.createSymbolicLink(links.resolve("second"), launcher.script());
        Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("links", "second"));
        assertTrue(Files.exists(second));
        assertTrue(launcher.run(first, "train").arguments().contains(launcher.jar().toString()));
    }

    /** So that the commands that the program shows can be typed as the last one was. */
    @Test
    void theProgramLearnsHowTheLauncherWasCalled() throws Exception {
        Files.createSymbolicLink(folder.resolve("first"), launcher.script());
        for (String name : List.of(launcher.script().toString(), "./a house/charlstm", "./first")) {
            List<String> arguments = launcher.run(Path.of(name), "train").arguments();
            assertTrue(arguments.contains("-Dcharlstm.command=" + name), arguments.toString());
        }
        List<String> arguments = launcher.run(Path.of("bash"), "first", "train").arguments();
        assertTrue(arguments.contains("-Dcharlstm.command=./first"), arguments.toString());
    }

    /** As in an image, which has neither sources nor Maven nor a JDK. */
    @Test
    void aRuntimeBesideItRunsTheJarBesideIt() throws Exception {
        Path house = launcher.script().getParent();
        Files.move(folder.resolve("jdk"), house.resolve("runtime"));
        Files.delete(launcher.stamp());
        launcher.maven("exit 1");
        Launcher.Result result = launcher.run("train");
        assertEquals("", result.err());
        assertEquals("runtime", result.jdk());
        assertTrue(result.arguments().contains(house.resolve("charlstm.jar").toString()));
        assertEquals(List.of("train"), result.programArguments());
        assertEquals(List.of(), launcher.mavenCall());
    }

    /** As getconf says it, or else ldd: of glibc in several distributions, and of musl. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"glibc 2.38,echo glibc 2.35,,glibc 2.35",
        "glibc 2.38,echo glibc 2.4,,glibc 2.4", "glibc 3.1,echo glibc 2.41,,glibc 2.41",
        "glibc 2.38,exit 1,echo 'ldd (GNU libc) 2.34'; echo 3.0,glibc 2.34",
        "glibc 2.38,echo undefined,echo 'ldd (Ubuntu GLIBC 2.35-0ubuntu3.8) 2.35',glibc 2.35",
        "glibc 2.17,exit 1,echo 'musl libc (x86_64)' >&2; exit 1,musl", "musl,echo glibc 2.41,,glibc 2.41"})
    @Sampled(every = 3)
    void anImageSaysWhichCLibraryItLacks(String needed, String getconf, String ldd, String here) throws Exception {
        launcher.program("getconf", getconf);
        launcher.program("ldd", ldd == null ? "exit 127" : ldd);
        launcher.image("jdk", needed);
        Launcher.Result result = launcher.run("train");
        assertEquals(1, result.code());
        assertEquals(List.of(), result.arguments(), "Java starts all the same");
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("charlstm: this Java needs " + needed + " or newer, and here is " + here
                + ": "), result.err());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"glibc 2.38,echo glibc 2.38,", "glibc 2.9,echo glibc 2.17,",
        "glibc 2.38,echo glibc 3.0,", "glibc 2.38,echo glibc 2.40.9000,",
        "glibc 2.38,exit 1,echo 'ldd (Debian GLIBC 2.41-12) 2.41'; echo Copyright",
        "musl,exit 1,echo 'musl libc (x86_64)' >&2; exit 1", "glibc 2.38,exit 1,exit 127", "\"\",echo glibc 2.1,"})
    @Sampled(every = 4)
    void anImageRunsOnACLibraryThatIsNewEnoughOrNotKnown(String needed, String getconf, String ldd)
            throws Exception {
        launcher.program("getconf", getconf);
        launcher.program("ldd", ldd == null ? "exit 127" : ldd);
        launcher.image("jdk", needed);
        Launcher.Result result = launcher.run("train");
        assertEquals("", result.err());
        assertEquals("runtime", result.jdk());
    }

    @Test
    void whatIsBuiltIsNotBuiltAgain() throws Exception {
        launcher.maven("exit 0");
        launcher.run();
        assertEquals(List.of(), launcher.mavenCall());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pom.xml", "src/cuda/main/New.java", "src/kernels/main/New.java",
        "src/charlstm/main/New.java", "native/main/New.java", "kernels/new.cu"})
    @Sampled(every = 2)
    void aSourceNewerThanTheBuildIsBuilt(String source) throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("old", 17));
        launcher.onPath(folder.resolve("jdk"));
        launcher.touch(source);
        launcher.maven("printf '%s\\n' '[INFO] talk' '[ERROR] more talk'; printf '%s' \"${LC_ALL-unset}\" "
                + ">\"$RECORD/locale-of-maven\"; " + Launcher.BUILDS);
        Launcher.Result result = launcher.run("train");
        assertEquals("C.UTF-8", Files.readString(launcher.record().resolve("locale-of-maven")),
                "Maven opens no file whose name is not ASCII");
        List<String> call = launcher.mavenCall();
        assertEquals(folder.toRealPath().resolve("jdk").toString(), call.get(0), "Maven has another JDK");
        assertEquals(launcher.script().getParent().toString(), call.get(1));
        assertTrue(call.containsAll(List.of("package", "-P", "unchecked", NO_KERNELS)), call.toString());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("charlstm: building"), result.err());
        assertEquals(List.of("train"), result.programArguments());
        assertEquals(List.of(), launcher.logs());
    }

    /** Nothing runs them where no driver is, and nothing makes them without nvcc. */
    @Test
    @SecondCircle("another build")
    void fatBinariesAreMadeOnceThereIsADriver() throws Exception {
        launcher.with("CHARLSTM_LIBCUDA", Files.writeString(folder.resolve("libcuda.so.1"), ""));
        launcher.maven(Launcher.BUILDS);
        launcher.run("train");
        assertEquals(List.of(), launcher.mavenCall(), "there is no nvcc");
        Path nvcc = Files.createSymbolicLink(folder.resolve("bin/nvcc"), Path.of("/bin/sh"));
        launcher.run("train");
        assertEquals(List.of("-B", "package", "-P", "unchecked"), launcher.mavenCall().subList(2, 6));
        Files.delete(launcher.record().resolve("mvn"));
        launcher.run("train");
        assertEquals(List.of(), launcher.mavenCall(), "they are there");
        launcher.touch("pom.xml");
        Files.delete(nvcc);
        launcher.run("train");
        assertEquals(NO_KERNELS, launcher.mavenCall().getLast());
    }

    @Test
    void aBuildArchivesClassesAndARunTakesThem() throws Exception {
        launcher.touch("pom.xml");
        launcher.maven(Launcher.BUILDS);
        Launcher.Result result = launcher.run("train");
        assertEquals("classes", Files.readString(launcher.classes()));
        assertTrue(result.arguments().contains("-XX:SharedArchiveFile=" + launcher.classes()));
        assertEquals(List.of(), launcher.logs());
    }

    @Test
    void classesThatCannotBeArchivedAreReadOneByOne() throws Exception {
        launcher.touch("pom.xml");
        launcher.maven(Launcher.BUILDS);
        Launcher.Result result = launcher.with("CODE", 3).run("train");
        assertFalse(Files.exists(launcher.classes()));
        assertEquals(List.of("train"), result.programArguments());
        assertEquals(3, result.code());
        assertEquals(1, result.err().lines().count(), result.err());
        assertEquals(List.of(), launcher.logs());
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "run-1/built"})
    void whatIsMissingIsBuilt(String file) throws Exception {
        Files.delete(launcher.target().resolve(file));
        launcher.maven(Launcher.BUILDS);
        assertEquals(List.of("train"), launcher.run("train").programArguments());
        assertFalse(launcher.mavenCall().isEmpty());
    }

    /** As where a build was interrupted: what it left is removed. */
    @Test
    void aBuildThatDidNotEndIsBuiltAgainAndThenNoMore() throws Exception {
        Files.delete(launcher.stamp());
        Files.createDirectory(launcher.target().resolve("run-2"));
        launcher.maven(Launcher.BUILDS);
        assertEquals(List.of("train"), launcher.run("train").programArguments());
        assertEquals(List.of("run-3"), launcher.builds());
        assertEquals("new", Files.readString(launcher.jar()));
        launcher.maven("exit 1");
        assertEquals("", launcher.run("train").err());
    }

    @Test
    void aBuildThatFailsSaysWhyAndWhereMoreIs() throws Exception {
        launcher.touch("pom.xml");
        launcher.maven("printf '%s\\n' '[INFO] talk' '[ERROR] no such thing'; exit 1");
        Launcher.Result result = launcher.run("train");
        assertEquals(1, result.code());
        assertEquals(List.of(), result.arguments(), "the old jar must not run as if it were new");
        assertEquals(List.of("run-1"), launcher.builds());
        Path log = launcher.logs().getFirst();
        List<String> lines = result.err().lines().skip(1).toList();
        assertEquals(2, lines.size(), result.err());
        assertEquals("[ERROR] no such thing", lines.get(0));
        assertTrue(lines.get(1).startsWith("charlstm: ") && lines.get(1).endsWith(log.toString()), lines.get(1));
        assertTrue(Files.readString(log).contains("[INFO] talk"));
    }

    @Test
    void withoutMavenAndAJarItSaysWhatIsMissing() throws Exception {
        Files.delete(launcher.target().resolve("run"));
        Launcher.Result result = launcher.run("train");
        assertEquals(1, result.code());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("charlstm: ") && result.err().contains("install Maven"), result.err());
        assertEquals(List.of(), result.arguments());
    }

    /** MPICH's mpiexec hands ranks a connection as one of the first descriptors, such as 9. */
    @Test
    void takesNoDescriptorThatWhoStartsItMayHandOver() throws IOException {
        String script = Files.readString(Path.of("charlstm"));
        assertTrue(script.contains("exec 209<"), "it holds its build by another descriptor");
        assertFalse(Pattern.compile("exec [3-9][<>]").matcher(script).find());
    }
}

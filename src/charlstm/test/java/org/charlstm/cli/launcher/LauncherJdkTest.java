package org.charlstm.cli.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.Sampled;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which JDK the launcher takes. */
@InProcesses
@Needs({Need.BASH, Need.FIND, Need.FLOCK})
class LauncherJdkTest {
    private static final String HOME = "home/.jdks/";

    @TempDir
    private Path folder;
    private Launcher launcher;

    @BeforeEach
    void build() throws IOException {
        launcher = new Launcher(folder);
    }

    /** Versions of the JDKs that JAVA_HOME, the path and the home folder name, 0 for none, and the one that runs. */
    @ParameterizedTest
    @CsvSource({"25, 26, 27, chosen", "17, 25, 25, on path", "0, 24, 25, at home", "0, 25, 21, on path"})
    @Sampled(every = 3)
    void javaHomeGoesBeforeThePathBeforeTheHomeFolder(int chosen, int onPath, int atHome, String expected)
            throws Exception {
        if (chosen > 0) {
            launcher.with("JAVA_HOME", launcher.jdk("chosen", chosen));
        }
        launcher.onPath(launcher.jdk("on path", onPath));
        launcher.jdk(HOME + "a", 21);
        launcher.jdk(HOME + "at home", atHome);
        Launcher.Result result = launcher.run();
        assertEquals(expected, result.jdk());
        assertEquals("", result.err());
    }

    @Test
    void aJavaHomeThatIsNoJdkIsPassedOver() throws Exception {
        launcher.jdk(HOME + "good", 25);
        Path noCompiler = launcher.jdk("no compiler", 25);
        Files.delete(noCompiler.resolve("bin").resolve("javac"));
        Path noRelease = launcher.jdk("no release", 25);
        Files.delete(noRelease.resolve("release"));
        for (Object home : List.of("", folder.resolve("missing"), folder, noCompiler, noRelease)) {
            assertEquals("good", launcher.with("JAVA_HOME", home).run().jdk(), home.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"JAVA_VERSION=\"24.0.2\", good", "JAVA_VERSION=\"1.8.0_292\", good", "JAVA_VERSION=\"9\", good",
        "JAVA_VERSION=\"\", good", "JAVA_VERSION=\"ea\", good", "VERSION=\"25\", good", "'', good",
        "OLD_JAVA_VERSION=\"25\", good", "JAVA_VERSION=\"25\", odd", "JAVA_VERSION=\"25-ea\", odd",
        "JAVA_VERSION=\"25.0.3\", odd", "JAVA_VERSION=\"26\", odd", "JAVA_VERSION=\"101.0.1\", odd"})
    @Sampled(every = 3)
    void aReleaseIsTakenFrom25OnAndElsePassedOver(String version, String expected) throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("odd", "SOURCE=\"\"", version,
                "MODULES=\"" + Launcher.MODULES + "\"", "OS_NAME=\"any\""));
        launcher.jdk(HOME + "good", 25);
        Launcher.Result result = launcher.run();
        assertEquals(expected, result.jdk());
        assertEquals("", result.err());
    }

    @ParameterizedTest
    @CsvSource({"java.base jdk.compiler, on path", "java.base, on path",
        "java.base jdk.incubator.vectors xjdk.incubator.vector, on path", "jdk.incubator.vector java.base, small",
        "java.base jdk.incubator.vector, small", "jdk.incubator.vector, small"})
    void aJdkWithoutTheVectorModuleIsPassedOver(String modules, String expected) throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("small", "JAVA_VERSION=\"25\"", "MODULES=\"" + modules + "\""));
        launcher.onPath(launcher.jdk("on path", 25));
        assertEquals(expected, launcher.run().jdk());
    }

    /** Some JDKs do not list their modules; the JVM itself then says what is missing. */
    @Test
    void aJdkThatListsNoModulesIsTaken() throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("silent", "JAVA_VERSION=\"25\""));
        launcher.jdk(HOME + "good", 25);
        assertEquals("silent", launcher.run().jdk());
    }

    /** A service or a container may run without one. */
    @Test
    void aHomeFolderIsNotNeededWhereJavaHomeWillDo() throws Exception {
        launcher.without("HOME").with("JAVA_HOME", launcher.jdk("chosen", 25));
        assertEquals("chosen", launcher.run().jdk());
    }

    @Test
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        launcher.without("HOME");
        launcher.maven("exit 0");
        launcher.touch("pom.xml");
        for (boolean old : new boolean[] {false, true}) {
            if (old) {
                launcher.with("JAVA_HOME", launcher.jdk("old", 17));
            }
            Launcher.Result result = launcher.run("train");
            assertEquals(1, result.code());
            assertEquals("", result.out());
            assertEquals(1, result.err().lines().count(), result.err());
            assertTrue(result.err().startsWith("charlstm: needs a JDK 25"), result.err());
            assertEquals(List.of(), result.arguments());
            assertEquals(List.of(), launcher.mavenCall(), "nothing is built without a JDK to build with");
        }
    }
}

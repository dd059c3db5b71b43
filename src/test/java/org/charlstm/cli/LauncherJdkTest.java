package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void javaHomeIsTakenFirst() throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("chosen", 25));
        launcher.onPath(launcher.jdk("on path", 26));
        launcher.jdk(HOME + "at home", 27);
        assertEquals("chosen", launcher.run().jdk());
    }

    @Test
    void aJavaHomeThatIsTooOldIsPassedOverForThePath() throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("old", 17));
        launcher.onPath(launcher.jdk("on path", 25));
        launcher.jdk(HOME + "at home", 25);
        Launcher.Result result = launcher.run();
        assertEquals("on path", result.jdk());
        assertEquals("", result.err());
    }

    @Test
    void aPathThatIsTooOldIsPassedOverForTheKnownFolders() throws Exception {
        launcher.onPath(launcher.jdk("on path", 24));
        launcher.jdk(HOME + "a", 21);
        launcher.jdk(HOME + "b", 25);
        assertEquals("b", launcher.run().jdk());
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
    @ValueSource(strings = {"JAVA_VERSION=\"24.0.2\"", "JAVA_VERSION=\"1.8.0_292\"", "JAVA_VERSION=\"9\"",
        "JAVA_VERSION=\"\"", "JAVA_VERSION=\"ea\"", "VERSION=\"25\"", "", "OLD_JAVA_VERSION=\"25\""})
    void aReleaseThatIsTooOldOrUnknownIsPassedOver(String version) throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("odd", version, "MODULES=\"" + Launcher.MODULES + "\""));
        launcher.jdk(HOME + "good", 25);
        Launcher.Result result = launcher.run();
        assertEquals("good", result.jdk());
        assertEquals("", result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"JAVA_VERSION=\"25\"", "JAVA_VERSION=\"25-ea\"", "JAVA_VERSION=\"25.0.3\"",
        "JAVA_VERSION=\"26\"", "JAVA_VERSION=\"101.0.1\""})
    void aReleaseThatIsNewEnoughIsTaken(String version) throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("odd", "SOURCE=\"\"", version,
                "MODULES=\"" + Launcher.MODULES + "\"", "OS_NAME=\"any\""));
        launcher.jdk(HOME + "good", 25);
        assertEquals("odd", launcher.run().jdk());
    }

    @ParameterizedTest
    @ValueSource(strings = {"java.base jdk.compiler", "java.base jdk.incubator.vectors xjdk.incubator.vector",
        "java.base"})
    void aJdkWithoutTheVectorModuleIsPassedOver(String modules) throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("small", "JAVA_VERSION=\"25\"", "MODULES=\"" + modules + "\""));
        launcher.onPath(launcher.jdk("on path", 25));
        assertEquals("on path", launcher.run().jdk());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdk.incubator.vector java.base", "java.base jdk.incubator.vector", "jdk.incubator.vector"})
    void theVectorModuleMayStandAnywhere(String modules) throws Exception {
        launcher.with("JAVA_HOME", launcher.jdk("small", "JAVA_VERSION=\"25\"", "MODULES=\"" + modules + "\""));
        launcher.onPath(launcher.jdk("on path", 25));
        assertEquals("small", launcher.run().jdk());
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
        launcher.with("HOME", "");
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

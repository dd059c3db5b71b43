package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The search for wheels among those of every python3 on the PATH, by its place and by its answer, if it has one. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Tag("outside")
class PythonWheelsTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void realName() throws IOException {
        folder = folder.toRealPath();
    }

    /** A python3 in a folder of its own, which has a wheel of NVIDIA's. */
    private Path python(String name, String script) throws IOException {
        Path bin = Files.createDirectories(folder.resolve(name).resolve("bin"));
        Path python = Files.writeString(bin.resolve("python3"), "#!/bin/sh\n" + script + "\n");
        assertTrue(python.toFile().setExecutable(true));
        Files.createDirectories(wheel(name));
        return bin;
    }

    private Path wheel(String name) {
        return folder.resolve(name).resolve("packages/nvidia/cudnn/lib");
    }

    private String answer(String name) {
        return "echo; echo /nonexistent; echo '" + folder.resolve(name).resolve("packages") + "'";
    }

    private static List<Path> wheels(Path... path) {
        return of(path).asked();
    }

    private static PythonWheels of(Path... path) {
        return of(Map.of(), path);
    }

    private static PythonWheels of(Map<String, Path> more, Path... path) {
        Map<String, String> environment = new HashMap<>(Map.of("PATH",
                Stream.of(path).map(Path::toString).collect(Collectors.joining(File.pathSeparator))));
        more.forEach((name, value) -> environment.put(name, value.toString()));
        return new PythonWheels(environment, Duration.ofSeconds(1));
    }

    /** An installation whose python3 says that it was started. */
    private Path installation(String name, String version, String... libraries) throws IOException {
        Path bin = Files.createDirectories(folder.resolve(name).resolve("bin"));
        Path python = Files.writeString(bin.resolve(version), "#!/bin/sh\ntouch '" + folder + "/started'\n");
        assertTrue(python.toFile().setExecutable(true));
        Files.createSymbolicLink(bin.resolve("python3"), Path.of(version));
        Path lib = Files.createDirectories(folder.resolve(name).resolve("lib").resolve(version));
        Files.writeString(lib.resolve("os.py"), "");
        for (String library : libraries) {
            library(name, library);
        }
        return bin;
    }

    private Path library(String name, String library) throws IOException {
        return Files.createDirectories(folder.resolve(name).resolve(library));
    }

    private void requireTold(PythonWheels wheels, String... libraries) {
        assertEquals(Stream.of(libraries).map(folder::resolve).toList(), wheels.told());
        assertFalse(Files.exists(folder.resolve("started")));
    }

    /** Of several versions in one place, those of the one that python3 is. */
    @Test
    void debiansAreToldByTheirPlace() throws IOException {
        Path bin = installation("usr", "python3.13", "lib/python3/dist-packages/nvidia/a/lib",
                "local/lib/python3.13/dist-packages/nvidia/b/lib", "lib/python3.12/site-packages/nvidia/c/lib");
        Files.writeString(folder.resolve("usr/lib/python3.12/os.py"), "");
        library("home", ".local/lib/python3.13/site-packages/nvidia/d/lib");
        String[] ofSystem = {"usr/local/lib/python3.13/dist-packages/nvidia/b/lib",
            "usr/lib/python3/dist-packages/nvidia/a/lib"};
        String ofUser = "home/.local/lib/python3.13/site-packages/nvidia/d/lib";
        Path home = folder.resolve("home");
        requireTold(of(Map.of("HOME", home), bin), ofUser, ofSystem[0], ofSystem[1]);
        requireTold(of(Map.of("HOME", home, "PYTHONNOUSERSITE", Path.of("1")), bin), ofSystem);
        requireTold(of(Map.of("PYTHONUSERBASE", home.resolve(".local")), bin), ofUser, ofSystem[0], ofSystem[1]);
    }

    @ParameterizedTest
    @CsvSource({"false,''", "true,base/lib/python3.11/site-packages/nvidia/cublas/lib"})
    void aVirtualEnvironmentsAreToldByItsPlace(String withSystem, String ofBase) throws IOException {
        Path base = installation("base", "python3.11", "lib/python3.11/site-packages/nvidia/cublas/lib");
        Path bin = library("venv", "bin");
        Files.createSymbolicLink(bin.resolve("python"), base.resolve("python3"));
        Files.createSymbolicLink(bin.resolve("python3"), Path.of("python"));
        library("venv", "lib/python3.11/site-packages/nvidia/cu13/lib");
        Files.writeString(folder.resolve("venv/pyvenv.cfg"),
                "home = " + base + "\ninclude-system-site-packages = " + withSystem + "\nversion = 3.11.7\n");
        requireTold(of(bin), Stream.of("venv/lib/python3.11/site-packages/nvidia/cu13/lib", ofBase)
                .filter(library -> !library.isEmpty()).toArray(String[]::new));
    }

    /** Its packages of CUDA lie beside those of Python. */
    @Test
    void condasAreToldByItsPlace() throws IOException {
        Path bin = installation("conda", "python3.12", "conda-meta", "targets/x86_64-linux/lib",
                "lib64/python3.12/site-packages/nvidia/nccl/lib");
        requireTold(of(bin), "conda/lib64/python3.12/site-packages/nvidia/nccl/lib", "conda/lib",
                "conda/targets/x86_64-linux/lib");
    }

    @Test
    void thoseOfPythonpathComeFirst() throws IOException {
        Path bin = installation("usr", "python3.9", "lib/python3.9/site-packages/nvidia/a/lib");
        library("mine", "nvidia/b/lib");
        requireTold(of(Map.of("PYTHONPATH", Path.of(":" + folder.resolve("mine"))), bin), "mine/nvidia/b/lib",
                "usr/lib/python3.9/site-packages/nvidia/a/lib");
    }

    /** As pyenv's: it may start one whose libraries come before those of later ones. */
    @Test
    void aScriptThatStartsAnotherIsAskedBeforeLaterOnesAreTold() throws IOException {
        Path first = installation("first", "python3.13", "lib/python3.13/site-packages/nvidia/a/lib");
        Path script = python("script", answer("script"));
        Path last = installation("last", "python3.12", "lib/python3.12/site-packages/nvidia/b/lib");
        Path ofFirst = folder.resolve("first/lib/python3.13/site-packages/nvidia/a/lib");
        PythonWheels wheels = of(first, script, last);
        assertEquals(List.of(ofFirst), wheels.told());
        assertEquals(List.of(ofFirst, wheel("script"),
                folder.resolve("last/lib/python3.12/site-packages/nvidia/b/lib")), wheels.asked());
    }

    @Test
    @Needs(Need.ROOT)
    void somebodyElsesIsNotStarted() throws IOException {
        Path bin = python("theirs", answer("theirs"));
        Files.setAttribute(bin.resolve("python3"), "unix:uid", 54321);
        PythonWheels wheels = of(bin);
        assertEquals(List.of(), wheels.asked());
        assertEquals(" (" + bin.resolve("python3") + " does not start, or is somebody else's)", wheels.reservation());
    }

    @Test
    void wheelsFollowTheOrderOfThePath() throws IOException {
        Path late = python("late", "sleep 0.2; " + answer("late"));
        Path early = python("early", answer("early"));
        assertEquals(List.of(wheel("late"), wheel("early")), wheels(late, folder.resolve("nowhere"), early));
    }

    @Test
    void eachIsAskedOnceWhateverItsNames() throws IOException {
        Path bin = python("one", "echo >>\"$0.asked\"; " + answer("one"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), bin);
        assertEquals(List.of(wheel("one")), wheels(bin, link, bin, bin.resolve(".")));
        assertEquals(1, Files.readAllLines(bin.resolve("python3.asked")).size());
    }

    /** They are asked at the same time; ending one ends its children. */
    @Test
    @Timeout(20)
    void aSilentPythonIsEndedAndTheOthersAnswer() throws Exception {
        String hang = "sleep 61.5 & echo $! >\"$0.child\"; echo /somewhere; wait";
        Path first = python("first", hang);
        Path second = python("second", hang);
        Path good = python("good", answer("good"));
        PythonWheels found = of(first, second, good);
        assertEquals(List.of(wheel("good")), found.asked());
        assertEquals(" (" + first.resolve("python3") + " did not say within 1 s where they are)", found.reservation());
        for (Path bin : Set.of(first, second)) {
            long child = Long.parseLong(Files.readString(bin.resolve("python3.child")).strip());
            // A process that was killed may need a moment to be gone.
            ProcessHandle.of(child).ifPresent(handle -> handle.onExit().join());
        }
    }

    /** A shell that goes on in the background has answered. */
    @Test
    @Timeout(20)
    void aBackgroundChildDoesNotDelayTheAnswer() throws Exception {
        Path bin = python("leaving", answer("leaving") + "; sleep 61.5 & echo $! >\"$0.child\"");
        assertEquals(List.of(wheel("leaving")), wheels(bin));
        ProcessHandle.of(Long.parseLong(Files.readString(bin.resolve("python3.child")).strip()))
                .ifPresent(ProcessHandle::destroy);
    }
}

package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The search for wheels through every python3 on the PATH, also one that does not answer. */
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
        return asked(path).folders();
    }

    private static PythonWheels asked(Path... path) {
        return PythonWheels.of(Map.of("PATH",
                Stream.of(path).map(Path::toString).collect(Collectors.joining(File.pathSeparator))));
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
        PythonWheels found = asked(first, second, good);
        assertEquals(List.of(wheel("good")), found.folders());
        assertEquals(List.of(first.resolve("python3"), second.resolve("python3")), found.silent());
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

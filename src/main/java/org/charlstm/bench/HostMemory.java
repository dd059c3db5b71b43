package org.charlstm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The host memory of this process. */
final class HostMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    private HostMemory() {
    }

    /** The most bytes that were resident at once, as Linux counts them; elsewhere what the heap has taken so far. */
    static long peak() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(PEAK)).findFirst()
                    .map(line -> 1024 * Long.parseLong(line.substring(PEAK.length()).replace("kB", "").strip()))
                    .orElseGet(HostMemory::heap);
        } catch (IOException e) {
            return heap();
        }
    }

    private static long heap() {
        return Runtime.getRuntime().totalMemory();
    }
}

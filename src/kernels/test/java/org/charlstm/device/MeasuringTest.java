package org.charlstm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.spi.Stopwatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every device's measurements of itself: time between operations, its ceiling, and the peak of its memory. */
class MeasuringTest {
    static Stream<String> devices() {
        return TestDevices.all();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aStopwatchTellsALapBetweenEachTwoMarks(String name) {
        try (Device device = TestDevices.open(name);
                Memory memory = device.memory();
                Stopwatch stopwatch = Stopwatch.of(device)) {
            Ints values = memory.ints(1000);
            assertEquals(0, stopwatch.laps().length);
            for (int marks : new int[] {3, 1, 5}) {
                for (int i = 0; i < marks; i++) {
                    device.operations().add(values, 1);
                    stopwatch.mark();
                }
                double[] laps = stopwatch.laps();
                assertEquals(marks - 1, laps.length);
                assertTrue(Arrays.stream(laps).allMatch(lap -> lap >= 0 && lap < 60), Arrays.toString(laps));
            }
            assertEquals(9, values.read()[0]);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theCeilingIsSomeThousandsASecond(String name) {
        try (Device device = TestDevices.open(name)) {
            double ceiling = device.ceiling().orElseThrow();
            assertTrue(ceiling > 1e6 && ceiling < 1e17, "" + ceiling);
            assertTrue(device.memoryUse().getOrDefault("other", 0L) < 1 << 20, "the factors are still there");
        }
    }

    @Test
    void theOracleHasNoCeiling() {
        try (Device device = Devices.open("reference", DeviceOptions.DEFAULT)) {
            assertTrue(device.ceiling().isEmpty());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void thePeakOfMemoryOutlivesTheMemory(String name) {
        try (Device device = TestDevices.open(name)) {
            long before = device.peakMemory();
            try (Memory memory = device.memory()) {
                memory.ints(3_000_000);
                memory.ints(1_000_000);
            }
            try (Memory memory = device.memory()) {
                memory.ints(2_000_000);
            }
            long now = device.memoryUse().values().stream().mapToLong(Long::longValue).sum();
            assertEquals(device.memoryUse().isEmpty() ? 0 : now + 16_000_000, device.peakMemory());
            assertTrue(before <= device.peakMemory());
        }
    }
}

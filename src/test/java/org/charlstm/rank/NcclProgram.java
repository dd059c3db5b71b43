package org.charlstm.rank;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.cuda.SimulatedGpu;
import org.charlstm.device.cuda.SimulatedGpu.Counter;

/** What a rank with a simulated GPU does: {@code work}, or {@code hang} in the last before it has done all. */
final class NcclProgram {
    private static final int COUNT = 1001;

    private NcclProgram() {
    }

    public static void main(String[] arguments) throws Exception {
        try {
            run(arguments[0].equals("hang"), Duration.ofMillis(Long.parseLong(arguments[1])));
        } catch (CharlstmException e) {
            System.err.println("failed: " + e.getMessage());
            System.exit(1);
        }
        System.out.println(SimulatedGpu.live() + " left");
    }

    private static void run(boolean hang, Duration timeout) throws InterruptedException {
        try (Device device = Devices.open("cudasim", DeviceOptions.DEFAULT);
                Collective ranks = Ranks.open(Launch.here(), timeout, device);
                RankSum sum = Ranks.sum(ranks, device);
                Memory memory = device.memory()) {
            double[] expected = drawn(0);
            Arrays.setAll(expected, i -> (float) expected[i] + (float) drawn(1)[i]);
            Matrix flat = memory.flat(COUNT);
            flat.write(drawn(ranks.rank()));
            Runnable step = device.capture(memory, () -> sum.sum(flat));
            // Call by call, recorded, and again: from the second on both have the same, so that it doubles.
            for (int i = 0; i < 3; i++) {
                step.run();
            }
            double[] sums = flat.read();
            Arrays.setAll(expected, i -> (float) (2 * ranks.size() * expected[i]));
            StringBuilder said = new StringBuilder(Arrays.equals(expected, sums) + ", "
                    + SimulatedGpu.count(Counter.GRAPH_LAUNCHES) + " launches, " + device.warnings() + ", "
                    + sum.carrier() + ", " + sum.recordable());
            ranks.step(3);
            if (hang && ranks.rank() == ranks.size() - 1) {
                new CountDownLatch(1).await();
            }
            double[] doubles = {ranks.rank() + 0.5, 1};
            ranks.sum(doubles);
            float[] floats = {ranks.rank() + 1, 2, 3};
            ranks.sum(MemorySegment.ofArray(floats));
            said.append(", ").append(Arrays.toString(doubles)).append(Arrays.toString(floats));
            said.append(new String(ranks.broadcast("weights".getBytes(StandardCharsets.UTF_8)),
                    StandardCharsets.UTF_8));
            said.append(ranks.gather("x".repeat(ranks.rank()).getBytes(StandardCharsets.UTF_8)).stream()
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList());
            System.out.println(said);
        }
    }

    private static double[] drawn(int rank) {
        Random random = new Random(rank);
        double[] drawn = new double[COUNT];
        Arrays.setAll(drawn, i -> (float) random.nextGaussian());
        return drawn;
    }
}

package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.NcclCommunicator;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.device.gpu.GpuDevice;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.SmallParts;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

/**
 * The program of a rank with a simulated GPU: {@code work}, or {@code hang} in the last before it has done all, {@code
 * train}, or {@code stall} in the midst of that.
 */
final class NcclProgram {
    private static final int COUNT = 1001;

    private NcclProgram() {
    }

    public static void main(String[] arguments) throws Exception {
        try {
            Duration timeout = Duration.ofMillis(Long.parseLong(arguments[1]));
            if (arguments[0].equals("train")) {
                train(timeout);
            } else if (arguments[0].equals("stall")) {
                stall(timeout);
            } else {
                run(arguments[0].equals("hang"), timeout);
            }
        } catch (CharlstmException e) {
            System.err.println("failed: " + e.getMessage());
            System.exit(1);
        }
        System.out.println(SimulatedGpu.live() + " left");
    }

    private static void run(boolean hang, Duration timeout) throws InterruptedException {
        try (Device device = Devices.open("cudasim", DeviceOptions.DEFAULT);
                Collective ranks = Ranks.open(ProcessLaunch.here(), timeout, device);
                AllReduce sum = Ranks.sum(ranks, device);
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
            endAlone((GpuDevice) device, ranks);
            System.out.println(said);
        }
    }

    /** A rank that has failed ends its sums while the others go on. */
    private static void endAlone(GpuDevice device, Collective ranks) {
        byte[] id = ranks.broadcast(ranks.rank() == 0 ? NcclCommunicator.newId(device.libraries()) : new byte[0]);
        NcclAllReduce sum = new NcclAllReduce(device.context(), ranks.size(), id, ranks.rank(), false);
        if (ranks.rank() == 0) {
            sum.close();
        }
        ranks.barrier();
        sum.close();
    }

    /** Prints how many updates a graph was launched for, and the weights. */
    private static void train(Duration timeout) {
        try (Device device = Devices.open("cudasim", DeviceOptions.DEFAULT);
                Collective ranks = Ranks.open(ProcessLaunch.here(), timeout, device)) {
            long before = SimulatedGpu.count(Counter.GRAPH_LAUNCHES);
            double[] weights = trained(device, ranks, true);
            System.out.println(SimulatedGpu.count(Counter.GRAPH_LAUNCHES) - before + " " + device.warnings() + " "
                    + Arrays.equals(weights, trained(device, ranks, false)));
            System.out.println(Arrays.toString(weights));
        }
    }

    /** The last rank goes no further after its first epoch's last update, which its GPU need not have done. */
    private static void stall(Duration timeout) {
        try (Device device = Devices.open("cudasim", DeviceOptions.DEFAULT);
                Collective ranks = Ranks.open(ProcessLaunch.here(), timeout, device)) {
            train(device, ranks, false, (done, total, progress) -> {
                if (done == total && ranks.rank() == ranks.size() - 1) {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return true;
            });
        }
    }

    /** A model with dropout after three epochs of three updates, of 4, 4 and 3 rows. */
    static double[] trained(Device device, Collective ranks, boolean parts) {
        return train(device, ranks, parts, EpochListener.NONE);
    }

    private static double[] train(Device device, Collective ranks, boolean parts, EpochListener listener) {
        Corpus corpus =
                Corpus.encode(Captions.of(List.of("a cat sits", "a dog", "two cats", "the sun", "a red bus", "a hat",
                        "a cat runs", "dogs", "it is here", "a mat", "buses")));
        ModelConfig config = ModelConfig.of(corpus.vocabulary().size(), List.of(new RecurrentLayer(6),
                new DropoutLayer(0.25), new DenseLayer(5, Activation.RELU)));
        TrainingOptions options = new TrainingOptions(4, 1, 1, true).rule(0.2, new Sgd(0.5, false, 0)).clip(0.5, 1);
        try (Model model = new Model(device, Initializer.keras(config, 1));
                Trainer trainer = parts ? SmallParts.trainer(model, corpus, options, ranks)
                        : new Trainer(model, corpus, options, ranks)) {
            for (int i = 0; i < 3; i++) {
                trainer.epoch(listener);
            }
            return model.weights().tensors().stream().flatMapToDouble(tensor -> Arrays.stream(tensor.values()))
                    .toArray();
        }
    }

    private static double[] drawn(int rank) {
        Random random = new Random(rank);
        double[] drawn = new double[COUNT];
        Arrays.setAll(drawn, i -> (float) random.nextGaussian());
        return drawn;
    }
}

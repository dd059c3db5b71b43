package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.cuda.RnnCell;
import org.charlstm.cuda.RnnDataLayout;
import org.charlstm.cuda.RnnDescription;

/**
 * Questions to cuDNN about recurrent networks on a card: which it takes, how large, and where their weights lie.
 * NVIDIA's makes no handle without a card, but 9.1.0 reads of one only how many multiprocessors and which compute
 * capability there are, so that zeroed memory with these two in it will do.
 */
final class RnnQuestions {
    private static final int INPUTS = 38;
    private static final int UNITS = 64;
    /** Around each limit that an algorithm has. */
    private static final int[] SIZES = {1, 37, 128, 129, 192, 193, 384, 385, 512, 1536, 1537, 2560, 2561, 4096};

    private final Cudnn cudnn;
    private final long handle;

    /** Asks the stand-in through a handle of its own, NVIDIA's through one that is made up. */
    RnnQuestions(Cudnn cudnn, boolean simulated) {
        this.cudnn = cudnn;
        handle = simulated ? cudnn.cudnnCreate() : handleOfAnH100();
    }

    private static long handleOfAnH100() {
        MemorySegment handle = Arena.global().allocate(1 << 20, 16);
        handle.set(ValueLayout.JAVA_INT, 28, 132);
        handle.set(ValueLayout.JAVA_INT, 96, 900);
        return handle.address();
    }

    /** Where weights lie in networks of more sizes than {@link #answers} has. */
    List<String> weights() {
        List<String> lines = new ArrayList<>();
        for (int[] sizes : new int[][] {{38, 128, 1}, {38, 128, 2}, {37, 37, 1}, {3, 1, 1}, {40, 37, 3}, {128, 512, 1},
            {38, 129, 2}}) {
            for (RnnCell cell : RnnCell.values()) {
                places(RnnDescription.of(cell, sizes[0], sizes[1]).withLayers(sizes[2]), lines);
            }
        }
        return lines;
    }

    /** The answers worth reading, one a line. */
    List<String> answers() {
        List<String> lines = new ArrayList<>(List.of("networks that a descriptor takes"));
        for (RnnCell cell : RnnCell.values()) {
            taken(RnnDescription.of(cell, INPUTS, UNITS), lines);
        }
        taken(RnnDescription.lstm(INPUTS, UNITS).withProjection(48), lines);
        lines.add("sizes that an algorithm takes");
        for (RnnCell cell : RnnCell.values()) {
            for (RnnAlgorithm algorithm : RnnAlgorithm.values()) {
                lines.add(cell + " " + algorithm.title() + " " + units(cell, algorithm));
            }
        }
        lines.add("bytes of weights, and those before each matrix and bias");
        for (RnnCell cell : RnnCell.values()) {
            places(RnnDescription.of(cell, 5, 7), lines);
            places(RnnDescription.of(cell, 5, 7).withLayers(2).inBothDirections(), lines);
        }
        places(RnnDescription.lstm(5, 7).withProjection(3), lines);
        places(RnnDescription.lstm(5, 7).withProjection(3).withLayers(2).inBothDirections(), lines);
        return lines;
    }

    /** A line for each algorithm: the statuses for 1 or 3 layers, in one or both directions, with dropout or not. */
    private void taken(RnnDescription network, List<String> lines) {
        // It takes no memory for random numbers: NVIDIA's would fill it on the card.
        long dropout = cudnn.createDropout(handle, 0.5f, 0, 0, 1);
        for (RnnAlgorithm algorithm : RnnAlgorithm.values()) {
            lines.add(name(network) + " " + algorithm.title() + ": " + Arrays.stream(Precision.values())
                    .map(precision -> precision + " " + statuses(network.with(algorithm).with(precision), dropout))
                    .collect(Collectors.joining(", ")));
        }
        cudnn.cudnnDestroyDropoutDescriptor(dropout);
    }

    private String statuses(RnnDescription one, long dropout) {
        Set<Integer> statuses = new TreeSet<>();
        for (RnnDescription network : List.of(one, one.inBothDirections())) {
            for (int layers : new int[] {1, 3}) {
                statuses.add(status(network.withLayers(layers), 0));
                statuses.add(status(network.withLayers(layers).withDropout(0.5), dropout));
            }
        }
        return statuses.stream().map(String::valueOf).collect(Collectors.joining(" or "));
    }

    private int status(RnnDescription network, long dropout) {
        try {
            cudnn.cudnnDestroyRNNDescriptor(cudnn.createRnn(network, dropout));
            return 0;
        } catch (CudaException e) {
            return e.status();
        }
    }

    private String units(RnnCell cell, RnnAlgorithm algorithm) {
        List<Integer> taken = Arrays.stream(SIZES).filter(units -> takesUnits(RnnDescription.of(cell, INPUTS, units)
                .with(algorithm))).boxed().toList();
        boolean upTo = taken.equals(Arrays.stream(SIZES).limit(taken.size()).boxed().toList());
        return taken.size() == SIZES.length ? "any" : upTo ? "to " + taken.getLast() : "of " + taken;
    }

    /** Without a card NVIDIA's fails later on, by another status, when it has taken the sizes. */
    private boolean takesUnits(RnnDescription network) {
        long rnn = cudnn.createRnn(network, 0);
        long x = cudnn.createSequence(CudaType.FLOAT32, RnnDataLayout.BY_STEP, 5, new int[] {5, 5}, INPUTS);
        try {
            cudnn.temporarySpace(handle, rnn, true, x);
            return true;
        } catch (CudaException e) {
            return e.status() != 3000;
        } finally {
            cudnn.cudnnDestroyRNNDataDescriptor(x);
            cudnn.cudnnDestroyRNNDescriptor(rnn);
        }
    }

    /** A line for the network, and two for each layer and direction; all algorithms have to agree. */
    private void places(RnnDescription network, List<String> lines) {
        List<String> found = places(network.with(RnnAlgorithm.STANDARD));
        if (network.projection() == 0) {
            for (RnnAlgorithm algorithm : RnnAlgorithm.values()) {
                List<String> other = places(network.with(algorithm));
                lines.addAll(other.equals(found) ? List.of() : List.of(algorithm + " differs: " + other));
            }
        }
        lines.addAll(found);
    }

    private List<String> places(RnnDescription network) {
        long rnn = cudnn.createRnn(network, 0);
        long bytes = cudnn.weightBytes(handle, rnn);
        List<String> lines = new ArrayList<>(List.of(name(network) + " " + bytes));
        // One more for the projection.
        int gates = 2 * network.cell().gates() + 1;
        for (int layer = 0; layer < network.layers() * network.directions(); layer++) {
            int which = layer;
            List<Cudnn.GateOffsets> offsets = IntStream.range(0, gates).mapToObj(gate -> cudnn.gateOffsets(handle, rnn,
                    which, bytes, LibraryCalls.POINTER, gate)).toList();
            lines.add("  " + joined(offsets.stream().map(Cudnn.GateOffsets::matrix).toList()));
            lines.add("  " + joined(offsets.stream().map(Cudnn.GateOffsets::bias).toList()));
        }
        cudnn.cudnnDestroyRNNDescriptor(rnn);
        return lines;
    }

    private static String joined(List<Long> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String name(RnnDescription network) {
        return network.cell() + (network.projection() == 0 ? "" : " with projection")
                + (network.bidirectional() ? " of 2 layers in both directions" : "");
    }
}

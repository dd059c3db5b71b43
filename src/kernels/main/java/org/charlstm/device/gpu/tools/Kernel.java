package org.charlstm.device.gpu.tools;

import module java.base;

/** The kernels, each in {@code kernels/<name>.cu}, and their parameters. A test compares these with nvcc's. */
public enum Kernel {
    ACCUMULATE("ppifi", 4),
    ADAM("ppppppiffffffi", 4),
    ADD("pii"),
    APPEND("pppi"),
    BATCH_NORM_BACKWARD("ppppppppiiii"),
    BATCH_NORM_FORWARD("pppppppfffiiii"),
    BATCH_NORM_MOMENTS("ppiiii"),
    BATCH_NORM_SUMS("ppppiiii"),
    BIAS_BACKWARD("pppiiiii"),
    BIAS_FORWARD("ppiiii", 4),
    BIAS_SUM("ppiiiii"),
    CLIP("ppdfi"),
    CONVERT("ppii", 4),
    COPY_TIED("ppii"),
    CROSS_ENTROPY("pppppiii"),
    DRAW("pdidlpppiii"),
    DROPOUT("pppliifiiiiii"),
    ELMAN_BACKWARD("ppppiii"),
    ELMAN_CLUSTER16_BACKWARD("ppppiiiii"),
    ELMAN_CLUSTER16_FORWARD("ppppppiiii"),
    ELMAN_CLUSTER4_BACKWARD("ppppiiiii"),
    ELMAN_CLUSTER8_BACKWARD("ppppiiiii"),
    ELMAN_CLUSTER8_FORWARD("ppppppiiii"),
    ELMAN_CLUSTER_BACKWARD("pppppppiiiiii"),
    ELMAN_CLUSTER_FORWARD("ppppppiiii"),
    ELMAN_FORWARD("ppppppiiii"),
    ELMAN_FUSED_BACKWARD("ppppiiiii"),
    ELMAN_FUSED_FORWARD("ppppppiiii"),
    ELMAN_TENSOR_BACKWARD("ppppiiiii"),
    ELMAN_TENSOR_FORWARD("ppppppiiii"),
    EMBEDDING_BACKWARD("pppiiiii"),
    EMBEDDING_FORWARD("pppiiii", 4),
    GATHER("pppppiiiiii"),
    GATHER_FEATURES("ppppiii"),
    GATHER_TIED("ppii"),
    GRU_BACKWARD("pppppppiiiii"),
    GRU_CLUSTER16_BACKWARD("pppppppiiiii"),
    GRU_CLUSTER16_FORWARD("pppppppppiiii"),
    GRU_CLUSTER4_BACKWARD("pppppppiiiii"),
    GRU_CLUSTER8_BACKWARD("pppppppiiiii"),
    GRU_CLUSTER8_FORWARD("pppppppppiiii"),
    GRU_CLUSTER_BACKWARD("pppppppppiiiiii"),
    GRU_CLUSTER_FORWARD("pppppppppiiii"),
    GRU_FORWARD("ppppppppiiiii"),
    GRU_FUSED_BACKWARD("pppppppppiiiii"),
    GRU_FUSED_FORWARD("ppppppppiiii"),
    GRU_RESET("ppppppiiii"),
    GRU_RESET_BACKWARD("pppppiiii"),
    GRU_TENSOR_BACKWARD("pppppppiiiii"),
    GRU_TENSOR_FORWARD("pppppppppiiii"),
    HEAD("pppppppiiiiiiiiiii"),
    HEAD_TENSOR("pppppppiiiiiiiiiii"),
    INTERLEAVE_GATES("ppiiiii"),
    L2_NORM("ppi"),
    LAST_ROWS("ppiii"),
    LSTM_BACKWARD("pppppppiiii"),
    LSTM_CLUSTER16_BACKWARD("pppppppiiiii"),
    LSTM_CLUSTER16_FORWARD("pppppppppiiii"),
    LSTM_CLUSTER4_BACKWARD("pppppppiiiii"),
    LSTM_CLUSTER8_BACKWARD("pppppppiiiii"),
    LSTM_CLUSTER8_FORWARD("pppppppppiiii"),
    LSTM_CLUSTER_BACKWARD("pppppppppppiiiiii"),
    LSTM_CLUSTER_FORWARD("pppppppppiiii"),
    LSTM_FORWARD("ppppppppiiii"),
    LSTM_FUSED_BACKWARD("pppppppiiiiii"),
    LSTM_FUSED_FORWARD("pppppppppiiiii"),
    LSTM_TENSOR_BACKWARD("pppppppiiiii"),
    LSTM_TENSOR_FORWARD("pppppppppiiii"),
    MOVE_STATE("pppiiiiiii"),
    ONE_HOT("ppiii", 4),
    PICK("ppp"),
    RMS_PROP("pppppifffi", 4),
    RNN_WEIGHTS("pppiiiii"),
    SAMPLE("pppdidlppppiiii"),
    SGD("pppppififi", 4),
    SQUARES("ppi"),
    TOTALS("ppi"),
    WEIGHT_GRADIENTS("ppppiiiiiiii");

    private static final Set<Kernel> OF_EVERY_MODEL =
            EnumSet.of(ADD, BIAS_BACKWARD, BIAS_FORWARD, BIAS_SUM, CROSS_ENTROPY, GATHER, TOTALS);

    private static final Set<Kernel> OF_LARGER_CLUSTERS = EnumSet.of(ELMAN_CLUSTER16_BACKWARD, ELMAN_CLUSTER16_FORWARD,
            GRU_CLUSTER16_BACKWARD, GRU_CLUSTER16_FORWARD, LSTM_CLUSTER16_BACKWARD, LSTM_CLUSTER16_FORWARD);

    private final String kinds;
    private final int elements;

    Kernel(String kinds) {
        this(kinds, 1);
    }

    Kernel(String kinds, int elements) {
        this.kinds = kinds;
        this.elements = elements;
    }

    /** The name of the kernel's entry and of its file. */
    public String entry() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kernel's parameters, one letter each: p a pointer, l 64 bits, i 32 bits, f a float, d a double. */
    String kinds() {
        return kinds;
    }

    /** Whether every model needs the kernel in training. */
    boolean ofEveryModel() {
        return OF_EVERY_MODEL.contains(this);
    }

    /** Whether clusters have more blocks than every GPU with clusters runs. */
    boolean ofLargerClusters() {
        return OF_LARGER_CLUSTERS.contains(this);
    }

    /** Elements of a thread, for kernels that {@link Kernels#each} launches. */
    int elements() {
        return elements;
    }
}

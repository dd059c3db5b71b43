package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.Cudnn.GateOffsets;

/**
 * The layout of a recurrent network's weights, as cuDNN tells it.
 *
 * @param count elements of the network's type, including cuDNN's gaps
 * @param all   layer by layer, forward before backward: the matrices and biases of the input's gates, then those of the
 *              recurrence, then the projection
 */
public record RnnWeights(long count, List<Weight> all) {
    /** Copies the list. */
    public RnnWeights {
        all = List.copyOf(Objects.requireNonNull(all, "the list of weights is null"));
    }

    /**
     * A matrix and its bias.
     *
     * @param name     W_ for the input or R_ for the recurrence, with the gate's name, such as W_i; P for the
     *                 projection
     * @param layer    from 0
     * @param backward whether the weight belongs to the reverse direction
     * @param matrix   the first element of a row-major (rows, columns) matrix, which multiplies column vectors: the
     *                 transpose of Keras' kernel
     * @param bias     the first element of the bias, of {@code rows} elements; -1 for none
     */
    public record Weight(String name, int layer, boolean backward, long matrix, int rows, int columns, long bias) {
        /** Refuses a null name. */
        public Weight {
            Objects.requireNonNull(name, "the name is null");
        }
    }

    /**
     * A weight of the forward direction.
     *
     * @param name for example W_i or R_f; {@link RnnCell} names the gates
     * @throws IllegalArgumentException if there is no such weight
     */
    public Weight weight(int layer, String name) {
        Objects.requireNonNull(name, "the name is null");
        return all.stream().filter(weight -> weight.layer == layer && !weight.backward && weight.name.equals(name))
                .findFirst().orElseThrow(() -> new IllegalArgumentException("no weight " + name + " in layer " + layer
                        + "; there are " + all.stream().map(Weight::name).distinct().toList() + " in layers 0 to "
                        + all.getLast().layer));
    }

    /** Asks cuDNN for the layout. */
    static RnnWeights of(CudnnHandle at, RnnDescription description) {
        Objects.requireNonNull(description, "the description is null");
        Cudnn cudnn = at.cudnn();
        try (Resources resources = new Resources()) {
            long dropout = cudnn.createDropout(at.handle(), 0, 0, 0, 0);
            resources.add(() -> cudnn.cudnnDestroyDropoutDescriptor(dropout));
            long rnn = cudnn.createRnn(description, dropout);
            resources.add(() -> cudnn.cudnnDestroyRNNDescriptor(rnn));
            long bytes = cudnn.weightBytes(at.handle(), rnn);
            CudaBuffer base = CudnnRnn.bytes(at.cuda(), bytes, "layout");
            resources.add(base::close);
            List<Weight> all = new ArrayList<>();
            int gates = description.cell().gates();
            for (int layer = 0; layer < description.layers() * description.directions(); layer++) {
                for (int i = 0; i < 2 * gates + (description.projection() > 0 ? 1 : 0); i++) {
                    all.add(weight(description, layer, i,
                            cudnn.gateOffsets(at.handle(), rnn, layer, bytes, base.pointer(), i)));
                }
            }
            return new RnnWeights(bytes / description.type().bytes(), all);
        }
    }

    private static Weight weight(RnnDescription of, int pseudoLayer, int number, GateOffsets place) {
        int gates = of.cell().gates();
        int layer = pseudoLayer / of.directions();
        boolean projection = number == 2 * gates;
        boolean input = number < gates;
        int columns = projection ? of.units() : !input ? of.outputs() : layer == 0 ? of.inputs() : of.columns();
        int bytes = of.type().bytes();
        return new Weight(projection ? "P" : (input ? "W_" : "R_") + of.cell().gate(number % gates), layer,
                pseudoLayer % of.directions() == 1, place.matrix() / bytes, projection ? of.projection() : of.units(),
                columns, place.bias() < 0 ? -1 : place.bias() / bytes);
    }
}

package org.charlstm.train;

import module java.base;
import org.charlstm.nn.Tensor;
import org.charlstm.rank.Collective;

/** Gathers and shares the states of streams: each rank has its own streams' states, a saved training has all ranks'. */
final class StreamStates {
    /** Gathers the states (L B, H) of all ranks from {@link org.charlstm.nn.NetworkState#read}. All ranks call this. */
    static List<Tensor> gather(Collective ranks, List<Tensor> own, int streams) {
        if (ranks.size() == 1) {
            return own;
        }
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * own.stream().mapToInt(t -> t.values().length).sum());
        DoubleBuffer values = bytes.asDoubleBuffer();
        own.forEach(tensor -> values.put(tensor.values()));
        List<DoubleBuffer> all = ranks.gather(bytes.array()).stream()
                .map(each -> ByteBuffer.wrap(each).asDoubleBuffer()).toList();
        long sum = all.stream().mapToLong(DoubleBuffer::capacity).sum();
        List<Tensor> whole = new ArrayList<>();
        for (Tensor tensor : own) {
            int layers = tensor.shape().getFirst() / streams;
            int units = tensor.shape().getLast();
            double[] made = new double[Math.toIntExact(tensor.values().length * sum / values.capacity())];
            int begin = 0;
            for (DoubleBuffer part : all) {
                // A rank's share is the same in all tensors.
                int count = Math.toIntExact((long) tensor.values().length / layers * part.capacity()
                        / values.capacity());
                for (int layer = 0; layer < layers; layer++) {
                    part.get(made, layer * (made.length / layers) + begin, count);
                }
                begin += count;
            }
            whole.add(new Tensor(tensor.name(), List.of(made.length / units, units), made));
        }
        return whole;
    }

    /** The states of a rank's own streams. */
    static List<Tensor> share(List<Tensor> whole, EpochPlan.Batch batch) {
        List<Tensor> own = new ArrayList<>();
        for (Tensor tensor : whole) {
            int units = tensor.shape().getLast();
            int rows = tensor.values().length / units;
            if (rows % batch.whole() != 0) {
                throw new IllegalArgumentException("a state of " + tensor + " for " + batch.whole() + " streams");
            }
            int layers = rows / batch.whole();
            int count = batch.rows() * units;
            double[] values = new double[layers * count];
            for (int layer = 0; layer < layers; layer++) {
                System.arraycopy(tensor.values(), (layer * batch.whole() + batch.first()) * units, values,
                        layer * count, count);
            }
            own.add(new Tensor(tensor.name(), List.of(layers * batch.rows(), units), values));
        }
        return own;
    }
}

package org.charlstm.selftest;

import module java.base;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;

/** Embeddings, dropout, batch normalisation and tied kernels, each wrong in one thing. */
@SuppressWarnings({"EffectivelyPrivate", "UnusedMethod", "UnusedVariable"}) // Passing calls the methods.
final class SpoiledStack {
    private SpoiledStack() {
    }

    /** Features of the rows one further, with the last row's first. */
    static Operations featuresOfTheNext(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void gatherFeatures(CorpusBuffer corpus, Ints order, Ints cursor, Matrix features) {
                right.gatherFeatures(corpus, order, cursor, features);
                change(features, values -> {
                    double[] before = values.clone();
                    for (int i = 0; i < values.length; i++) {
                        values[(i + features.columns()) % values.length] = before[i];
                    }
                });
            }
        });
    }

    /** States whose halves are each other's. */
    static Operations statesSwapped(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void toState(Matrix columns, int first, Rnn.State state) {
                right.toState(columns, first,
                        state.cell() == null ? state : new Rnn.State(state.cell(), state.hidden()));
            }
        });
    }

    /** A state that comes back as columns at their beginning, wherever it belongs. */
    static Operations stateAtFirst(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void fromState(Rnn.State state, Matrix columns, int first) {
                right.fromState(state, columns, 0);
            }
        });
    }

    private static void change(Matrix matrix, Consumer<double[]> change) {
        double[] values = matrix.read();
        change.accept(values);
        matrix.write(values);
    }

    static UnaryOperator<Operations> dropout(UnaryOperator<Dropout> change) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
                right.dropout(change.apply(dropout), batch, input, output);
            }
        });
    }

    /** The masks of the first batch for all. */
    static Operations oneMask(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
                int[] number = batch.read();
                batch.write(new int[1]);
                right.dropout(dropout, batch, input, output);
                batch.write(number);
            }
        });
    }

    static Operations dropoutNotInPlace(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
                if (!input.equals(output)) {
                    right.dropout(dropout, batch, input, output);
                }
            }
        });
    }

    static UnaryOperator<Operations> batchNorm(UnaryOperator<BatchNorm.Shape> shapes, Consumer<double[]> gradients) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving) {
                BatchNorm computed = right.batchNorm(memory, shapes.apply(shape), offset, moving);
                return Passing.on(BatchNorm.class, computed, new Object() {
                    public void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient,
                            Matrix all) {
                        computed.backward(weights, input, outputGradient, inputGradient, all);
                        change(all, gradients);
                    }
                });
            }
        });
    }

    static UnaryOperator<Operations> embedding(Consumer<double[]> outputs, Consumer<double[]> gradients) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public Embedding embedding(Memory memory, Embedding.Shape shape, int offset) {
                Embedding computed = right.embedding(memory, shape, offset);
                return Passing.on(Embedding.class, computed, new Object() {
                    public void forward(Matrix weights, Ints ids, Matrix output) {
                        computed.forward(weights, ids, output);
                        change(output, outputs);
                    }
                    public void backward(Ints ids, Matrix outputGradient, Matrix all) {
                        computed.backward(ids, outputGradient, all);
                        change(all, gradients);
                    }
                });
            }
        });
    }

    /** A kernel that is left as it was, and a gradient that stays in two places. */
    static UnaryOperator<Operations> untied(boolean copies, boolean gathers) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void copyTied(TiedKernel tied, Matrix weights) {
                if (copies) {
                    right.copyTied(tied, weights);
                }
            }
            public void gatherTied(TiedKernel tied, Matrix gradients) {
                if (gathers) {
                    right.gatherTied(tied, gradients);
                }
            }
        });
    }
}

package org.charlstm.selftest;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;

/** Embeddings, dropout, batch normalisation and tied kernels, each wrong in one thing. */
final class SpoiledStack {
    private SpoiledStack() {
    }

    /** Features of the rows one further, with the last row's first. */
    static Operations featuresOfTheNext(Operations right) {
        return new PassingOperations(right) {
            @Override
            public void gatherFeatures(CorpusBuffer corpus, Ints order, Ints cursor, Matrix features) {
                super.gatherFeatures(corpus, order, cursor, features);
                change(features, values -> {
                    double[] before = values.clone();
                    for (int i = 0; i < values.length; i++) {
                        values[(i + features.columns()) % values.length] = before[i];
                    }
                });
            }
        };
    }

    /** States whose halves are each other's. */
    static Operations statesSwapped(Operations right) {
        return new PassingOperations(right) {
            @Override
            public void toState(Matrix columns, int first, Lstm.State state) {
                super.toState(columns, first, new Lstm.State(state.cell(), state.hidden()));
            }
        };
    }

    /** A state that comes back as columns at their beginning, wherever it belongs. */
    static Operations stateAtFirst(Operations right) {
        return new PassingOperations(right) {
            @Override
            public void fromState(Lstm.State state, Matrix columns, int first) {
                super.fromState(state, columns, 0);
            }
        };
    }

    private static void change(Matrix matrix, Consumer<double[]> change) {
        double[] values = matrix.read();
        change.accept(values);
        matrix.write(values);
    }

    static UnaryOperator<Operations> dropout(UnaryOperator<Dropout> change) {
        return right -> new PassingOperations(right) {
            @Override
            public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
                super.dropout(change.apply(dropout), batch, input, output);
            }
        };
    }

    /** The masks of the first batch for all. */
    static Operations oneMask(Operations right) {
        return new PassingOperations(right) {
            @Override
            public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
                int[] number = batch.read();
                batch.write(new int[1]);
                super.dropout(dropout, batch, input, output);
                batch.write(number);
            }
        };
    }

    static Operations dropoutNotInPlace(Operations right) {
        return new PassingOperations(right) {
            @Override
            public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
                if (!input.equals(output)) {
                    super.dropout(dropout, batch, input, output);
                }
            }
        };
    }

    static UnaryOperator<Operations> batchNorm(UnaryOperator<BatchNorm.Shape> shapes, Consumer<double[]> gradients) {
        return right -> new PassingOperations(right) {
            @Override
            public BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving) {
                BatchNorm computed = super.batchNorm(memory, shapes.apply(shape), offset, moving);
                return new BatchNorm() {
                    @Override
                    public void forward(Matrix weights, Matrix input, Matrix output) {
                        computed.forward(weights, input, output);
                    }

                    @Override
                    public void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient,
                            Matrix all) {
                        computed.backward(weights, input, outputGradient, inputGradient, all);
                        change(all, gradients);
                    }
                };
            }
        };
    }

    static UnaryOperator<Operations> embedding(Consumer<double[]> outputs, Consumer<double[]> gradients) {
        return right -> new PassingOperations(right) {
            @Override
            public Embedding embedding(Memory memory, Embedding.Shape shape, int offset) {
                Embedding computed = super.embedding(memory, shape, offset);
                return new Embedding() {
                    @Override
                    public void forward(Matrix weights, Ints ids, Matrix output) {
                        computed.forward(weights, ids, output);
                        change(output, outputs);
                    }

                    @Override
                    public void backward(Ints ids, Matrix outputGradient, Matrix all) {
                        computed.backward(ids, outputGradient, all);
                        change(all, gradients);
                    }
                };
            }
        };
    }

    /** A kernel that is left as it was, and a gradient that stays in two places. */
    static UnaryOperator<Operations> untied(boolean copies, boolean gathers) {
        return right -> new PassingOperations(right) {
            @Override
            public void copyTied(TiedKernel tied, Matrix weights) {
                if (copies) {
                    super.copyTied(tied, weights);
                }
            }

            @Override
            public void gatherTied(TiedKernel tied, Matrix gradients) {
                if (gathers) {
                    super.gatherTied(tied, gradients);
                }
            }
        };
    }
}

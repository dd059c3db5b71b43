package org.charlstm.selftest;

import java.util.List;
import java.util.Optional;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Head;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.WeightLayout;

/** Operations that pass everything on, so that a test can override what it spoils. */
public class PassingOperations implements Operations {
    private final Operations right;

    public PassingOperations(Operations right) {
        this.right = right;
    }

    /** A dense layer that passes everything on. */
    static class PassingDense implements Dense {
        private final Dense right;

        PassingDense(Dense right) {
            this.right = right;
        }

        @Override
        public void forward(Matrix weights, Matrix input, Matrix output) {
            right.forward(weights, input, output);
        }

        @Override
        public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
                Matrix gradients) {
            right.backward(weights, input, output, outputGradient, inputGradient, gradients);
        }
    }

    /** An LSTM that passes everything on. */
    static class PassingLstm implements Lstm {
        private final Lstm right;

        PassingLstm(Lstm right) {
            this.right = right;
        }

        @Override
        public void forward(Matrix weights, Input input, Lstm.State state, Matrix output) {
            right.forward(weights, input, state, output);
        }

        @Override
        public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient, Matrix inputGradient,
                Lstm.State stateGradient, Matrix gradients) {
            right.backward(weights, input, output, outputGradient, inputGradient, stateGradient, gradients);
        }
    }

    @Override
    public WeightLayout lstmLayout(Lstm.Layers layers) {
        return right.lstmLayout(layers);
    }

    @Override
    public Lstm lstm(Memory memory, Lstm.Shape shape, int offset) {
        return right.lstm(memory, shape, offset);
    }

    @Override
    public WeightLayout denseLayout(int inputs, int outputs) {
        return right.denseLayout(inputs, outputs);
    }

    @Override
    public Dense dense(Memory memory, Dense.Shape shape, int offset) {
        return right.dense(memory, shape, offset);
    }

    @Override
    public Optional<Head> head(Memory memory, Head.Shape shape, int offset) {
        return right.head(memory, shape, offset);
    }

    @Override
    public WeightLayout embeddingLayout(int symbols, int units) {
        return right.embeddingLayout(symbols, units);
    }

    @Override
    public Embedding embedding(Memory memory, Embedding.Shape shape, int offset) {
        return right.embedding(memory, shape, offset);
    }

    @Override
    public WeightLayout batchNormLayout(int columns) {
        return right.batchNormLayout(columns);
    }

    @Override
    public BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving) {
        return right.batchNorm(memory, shape, offset, moving);
    }

    @Override
    public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
        right.dropout(dropout, batch, input, output);
    }

    @Override
    public void copyTied(TiedKernel tied, Matrix weights) {
        right.copyTied(tied, weights);
    }

    @Override
    public void gatherTied(TiedKernel tied, Matrix gradients) {
        right.gatherTied(tied, gradients);
    }

    @Override
    public void gather(CorpusBuffer corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch,
            Padding padding) {
        right.gather(corpus, order, cursor, inputs, targets, batch, padding);
    }

    @Override
    public void gatherFeatures(CorpusBuffer corpus, Ints order, Ints cursor, Matrix features) {
        right.gatherFeatures(corpus, order, cursor, features);
    }

    @Override
    public void toState(Matrix columns, int first, Lstm.State state) {
        right.toState(columns, first, state);
    }

    @Override
    public void fromState(Lstm.State state, Matrix columns, int first) {
        right.fromState(state, columns, first);
    }

    @Override
    public void lastRows(Matrix from, Matrix to) {
        right.lastRows(from, to);
    }

    @Override
    public void add(Ints values, int amount) {
        right.add(values, amount);
    }

    @Override
    public void pick(Doubles values, Ints position, Doubles picked) {
        right.pick(values, position, picked);
    }

    @Override
    public void append(Ints values, Ints position, Ints history) {
        right.append(values, position, history);
    }

    @Override
    public void crossEntropy(Matrix logits, Ints targets, Doubles count, Matrix gradient, Doubles totals) {
        right.crossEntropy(logits, targets, count, gradient, totals);
    }

    @Override
    public void clip(Matrix gradients, double limit, double bound, Doubles norms) {
        right.clip(gradients, limit, bound, norms);
    }

    @Override
    public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
            Ints step) {
        right.update(rule, weights, gradients, states, factors, step);
    }

    @Override
    public void accumulate(Matrix sum, boolean first, Matrix gradients, double weight) {
        right.accumulate(sum, first, gradients, weight);
    }

    @Override
    public void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn) {
        right.draw(logits, draw, seed, sentences, position, drawn);
    }
}

package org.charlstm.device;

import module java.base;
import org.charlstm.device.Embedding.TiedKernel;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a device, few and coarse. Except for the methods that make a layer, no operation takes a host value
 * that varies from step to step, returns a value or allocates; a step of operations can therefore be recorded and
 * replayed.
 *
 * <p>Arguments are buffers of this device, of the shapes given; M = T B rows are time-major. Unless stated otherwise,
 * no two arguments are the same buffer. A shape that does not fit throws an {@link IllegalArgumentException}. An id
 * that names no symbol throws it too on a device in host memory; a GPU does not check ids, and its result is then
 * undefined.
 */
public interface Operations {
    /** The number of sums that {@link #crossEntropy} adds to. */
    int TOTALS = 5;

    /**
     * The layout of recurrent layers in a flat buffer: for each layer, the lowest first, the kernel, the recurrent
     * kernel and the bias of its {@link RecurrentCell}.
     */
    WeightLayout rnnLayout(Rnn.Layers layers);

    /**
     * One or more recurrent layers for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers, laid out as {@link #rnnLayout} says
     * @throws org.charlstm.CharlstmException if the engine that the device's options name does not serve the shape
     */
    Rnn rnn(Memory memory, Rnn.Shape shape, int offset);

    /**
     * The product of two matrices, c = a b.
     *
     * @param a (M, K)
     * @param b (K, N); may be a
     * @param c receives the product, (M, N); neither a nor b
     * @throws IllegalArgumentException if the shapes do not fit
     * @see #matmul(Matrix, boolean, Matrix, boolean, Matrix)
     */
    default void matmul(Matrix a, Matrix b, Matrix c) {
        matmul(a, false, b, false, c);
    }

    /**
     * The product of two matrices, each as it is or transposed: c = op(a) op(b), with op(a) of (M, K) and op(b) of
     * (K, N). Sums over K are float32, on the reference device double. Factors have the type in which the device stores
     * them. With TF32, a GPU rounds them to 10 fraction bits. With bf16, a GPU stores them in bf16, and a flat buffer,
     * which is float32, cannot be a factor.
     *
     * @param a           (M, K), or (K, M) if it is transposed
     * @param transposedA whether to transpose a
     * @param b           (K, N), or (N, K) if it is transposed; may be a
     * @param transposedB whether to transpose b
     * @param c           receives the product, (M, N); a flat buffer if M is 1. Not a or b
     * @throws IllegalArgumentException if the shapes do not fit, c is a factor, or a factor is of another type than the
     *                                  device multiplies
     */
    void matmul(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c);

    /** The layout of a dense layer in a flat buffer: the kernel (inputs, outputs), then the bias (outputs). */
    WeightLayout denseLayout(int inputs, int outputs);

    /**
     * A dense layer for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers, laid out as {@link #denseLayout} says
     */
    Dense dense(Memory memory, Dense.Shape shape, int offset);

    /** The layout of an embedding in a flat buffer: its only tensor is the table (symbols, units). */
    WeightLayout embeddingLayout(int symbols, int units);

    /**
     * An embedding for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its table begins in the flat buffers, laid out as {@link #embeddingLayout} says
     */
    Embedding embedding(Memory memory, Embedding.Shape shape, int offset);

    /** The layout of a batch normalisation in a flat buffer: gamma (columns), then beta (columns). */
    WeightLayout batchNormLayout(int columns);

    /**
     * A batch normalisation for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where gamma and beta begin in the flat buffers, laid out as {@link #batchNormLayout} says
     * @param moving where the C moving means and C moving variances begin in the flat weights, without padding
     */
    BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving);

    /**
     * Drops elements: output = scale input where an element is kept, else 0, even if the input is not finite. The
     * backward pass calls it with the gradient as the input.
     *
     * @param dropout the share that is dropped, and the seed of the masks
     * @param batch   one element: the batch's number
     * @param input   (M, C)
     * @param output  (M, C); may be the input
     */
    void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output);

    /** Copies the transpose of the table to its tied kernel. */
    void copyTied(TiedKernel tied, Matrix weights);

    /** Adds the gradient of a tied kernel to the gradient of its table, then zeros the kernel's gradient. */
    void gatherTied(TiedKernel tied, Matrix gradients);

    /**
     * Takes a batch from the resident corpus. Row b of the batch is the first T steps of the corpus row
     * order[cursor + b]: inputs[t B + b] is id t of this row, and targets[t B + b] is id t + 1. A step whose input is
     * the end symbol is padding; {@link Padding#target} of the id is then the target. The end symbol after the last
     * character therefore counts as a character. Running text has no padding. If targets is shorter than inputs, it
     * receives the targets of the last steps.
     *
     * @param corpus  N rows of S + 1 ids
     * @param order   N row numbers
     * @param cursor  one element: where in the order the batch begins
     * @param inputs  receives T x B ids, time-major; its length gives T, from 1 to S
     * @param targets receives the targets of all steps or of the last ones, as {@link #crossEntropy} takes them
     * @param batch   B, the number of rows, at least 1
     * @param padding how steps of padding count
     */
    void gather(CorpusBuffer corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch, Padding padding);

    /**
     * Takes the features of a batch's captions: features[b, j] is feature j of row order[cursor + b] of the corpus.
     *
     * @param corpus   N rows with F features each
     * @param order    N row numbers
     * @param cursor   one element: where in the order the batch begins, as {@link #gather} takes it
     * @param features receives the features, (B, F)
     */
    void gatherFeatures(CorpusBuffer corpus, Ints order, Ints cursor, Matrix features);

    /**
     * Copies columns into a state of P parts: h, and c if the cell has it. The parts of a layer follow the parts of the
     * layer below: hidden[l B + b, u] = columns[b, first + P l H + u] and
     * cell[l B + b, u] = columns[b, first + (P l + 1) H + u].
     *
     * @param columns (B, at least first + P L H)
     * @param first   where the lowest layer's h begins, from 0
     * @param state   receives each part, (L B, H)
     */
    void toState(Matrix columns, int first, Rnn.State state);

    /**
     * Copies a state into columns, the reverse of {@link #toState}.
     *
     * @param state   each part, (L B, H)
     * @param columns P L H of its columns receive the state; the others stay
     * @param first   where the lowest layer's h begins, from 0
     */
    void fromState(Rnn.State state, Matrix columns, int first);

    /**
     * Copies the last min(M, N) rows of a matrix into the last rows of another, and fills the rows above with zeros.
     *
     * @param from (M, C)
     * @param to   receives (N, C)
     */
    void lastRows(Matrix from, Matrix to);

    /** Runs two groups of operations, possibly in parallel; neither may write data that the other reads or writes. */
    default void beside(Runnable work, Runnable others) {
        work.run();
        others.run();
    }

    /** Adds a constant to every element. */
    void add(Ints values, int amount);

    /**
     * Copies one of many values: picked[0] = values[position[0]].
     *
     * @param position one element, from 0
     */
    void pick(Doubles values, Ints position, Doubles picked);

    /**
     * Copies values into a history: history[position n + i] = values[i], where n is the number of values.
     *
     * @param position one element, from 0
     * @param history  L n elements, where L is above the position
     */
    void append(Ints values, Ints position, Ints history);

    /**
     * Softmax, cross-entropy and its gradient in one pass, stable for any finite logits. A target is an id, from 0; or
     * -2 - id for a row of padding with the target id; or -1 for a row that does not count. With p = softmax(logits),
     * over all rows that count, padding included: totals[0] += the sum of -ln p[id]; totals[1] += the number of rows
     * whose id is the prediction, the most probable symbol (the lowest id of equals); totals[2] += the number of rows;
     * and gradient = (p - onehot(id)) / count[0]. The gradient of a row that does not count is zero. Over the rows that
     * count, without padding: totals[3] += the sum of -ln p[id]; totals[4] += the number of rows.
     *
     * @param logits   (M, V)
     * @param targets  M targets, as {@link Padding} defines them
     * @param count    one element: the divisor that turns the sum of losses into the loss, M if every row counts; not
     *                 read without a gradient, and may then be null
     * @param gradient receives dL/dlogits, (M, V); may be the logits; null if it is not wanted
     * @param totals   {@value #TOTALS} elements, added to
     */
    void crossEntropy(Matrix logits, Ints targets, @Nullable Doubles count, @Nullable Matrix gradient, Doubles totals);

    /**
     * Measures the gradients' norm, sqrt(sum g^2), and scales the gradients if the norm is above a limit:
     * g *= limit / norm, after Pascanu et al., "On the difficulty of training recurrent neural networks" (2013). Then a
     * bound clips each gradient: g = min(bound, max(-bound, g)). NaN stays NaN; without limit and bound, infinities
     * stay as well.
     *
     * @param gradients the flat gradients
     * @param limit     above 0; infinity scales nothing
     * @param bound     above 0; infinity bounds nothing
     * @param norms     four elements: receives the norm; the largest finite norm so far; the number of norms so far;
     *                  and the number, from 1, of the first norm that was not finite, 0 if all were finite
     */
    void clip(Matrix gradients, double limit, double bound, Doubles norms);

    /**
     * Updates the weights from their gradients.
     *
     * @param rule      the update rule; its class gives the formula
     * @param weights   the flat parameters; parameters beyond the number of gradients are not trained and stay
     * @param gradients the flat gradients
     * @param states    the flat states that the rule names, zeros before the first update
     * @param factors   {@link UpdateRule#factors} of several updates, one after the other
     * @param step      one element: the index, from 0, of this update in the factors; a larger index takes the last
     */
    void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors, Ints step);

    /**
     * Adds the weighted gradients of a part of a batch to a sum: sum = sum + weight gradients.
     *
     * @param sum       as long as the gradients
     * @param first     whether this is the first part, which overwrites the sum
     * @param gradients the flat gradients of a part
     * @param weight    the factor of each gradient
     */
    void accumulate(Matrix sum, boolean first, Matrix gradients, double weight);

    /**
     * Draws a symbol for each row from the distribution of {@code draw}: the first symbol, in the order of ids, whose
     * cumulative probability exceeds the uniform random number of {@link org.charlstm.random.Philox} at (seed,
     * {@link org.charlstm.random.Purpose#SAMPLE}, sentences[row], position[0]). At temperature 0 the draw is the most
     * probable symbol, the lowest id of equals. A row with a NaN draws -1.
     *
     * @param logits    (B, V)
     * @param seed      the seed of the random numbers
     * @param sentences B numbers of sentences; each sentence has its own random numbers
     * @param position  one element: the position in the sentence
     * @param drawn     receives B ids
     */
    void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn);
}
